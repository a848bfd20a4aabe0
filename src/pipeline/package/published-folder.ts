// Where a lab keeps what it published: each folder in it is a title, and its name the title's in the origin.

import { join } from 'node:path';

export function publishedRoot(labPath: string): string {
  return join(labPath, 'published');
}
