// Addresses of the explorer.

import { viewText } from '#explore/view-text';
import { EMPTY_VIEW, type View } from '#explore/view';
import { navigate } from '../shell/route.ts';

/** Where a link to the explorer points. */
export function explorePath(view: Partial<View>): string {
  return `/explore${viewText({ ...EMPTY_VIEW, ...view })}`;
}

/** Puts a view into the address. */
export function showView(view: View, how: 'push' | 'replace' = 'push'): void {
  navigate(explorePath(view), how);
}
