// A profile that was dropped onto a page becomes a run of the lab, and its page is opened.

import { read, RequestFailed } from '../shell/api.ts';
import { navigate, profilePath } from '../shell/route.ts';

/** @throws Error in the server's words */
export async function openUpload(file: File): Promise<void> {
  const address = `/api/v1/profiles?${new URLSearchParams({ name: file.name })}`;
  try {
    const { run } = await read<{ run: string }>(fetch(address, { method: 'POST', body: file }));
    navigate(profilePath(run));
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.todo === null) throw error;
    throw new Error(`${error.message}; ${error.todo}`, { cause: error });
  }
}
