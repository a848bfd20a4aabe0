// What the client sees, small, beside the charts.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Live } from './live.ts';
import { sessionWay } from './session-way.ts';

/** A picture that is older is not what the client sees now. */
const STALE_MS = 3_000;
/** Of a SPICE session, live and replayed. */
export const SPICE_PICTURE = 'This is a stock SPICE client: what it shows is not seen here.';

export function ClientPicture({ live }: { live: Live }) {
  const isSpice = sessionWay(live.store.state.value) !== 'loopback';
  // A stock client shows it on its own screen: one that is left from another session is not what it sees.
  const picture = isSpice ? null : live.store.picture.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isStale, setStale] = useState(false);
  useEffect(() => {
    if (picture === null) return;
    let isWanted = true;
    setStale(false);
    const timer = setTimeout(() => setStale(true), STALE_MS);
    void decode(picture.jpeg).then((bitmap) => {
      if (bitmap === null) return;
      if (isWanted && canvas.current !== null) {
        canvas.current.width = bitmap.width;
        canvas.current.height = bitmap.height;
        canvas.current.getContext('2d')!.drawImage(bitmap, 0, 0);
      }
      bitmap.close();
    });
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [picture]);
  return (
    <figure class="panel client-picture" data-stale={isStale ? '' : undefined}>
      <figcaption>
        <h2>What the client sees</h2>
        <span class="muted">
          {picture === null ? '' : isStale ? `stopped at frame ${picture.frame}` : `frame ${picture.frame}`}
        </span>
      </figcaption>
      {picture === null ? (
        <p class="muted pad">{isSpice ? SPICE_PICTURE : 'No picture has come yet.'}</p>
      ) : (
        <canvas ref={canvas} role="img" aria-label={`Frame ${picture.frame} as the client shows it`} />
      )}
    </figure>
  );
}

/** Null where it is no picture. */
async function decode(jpeg: Uint8Array): Promise<ImageBitmap | null> {
  // A copy: the bytes lie in the buffer of the message.
  const blob = new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' });
  return await createImageBitmap(blob).catch(() => null);
}
