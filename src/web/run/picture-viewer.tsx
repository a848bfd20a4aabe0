// A worst frame at large: beside its source, wiped over it, or what they differ by, down to single pixels.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { WorstFrame } from '#server/quality-wire';
import { pictureAddress } from '../shell/api.ts';
import { useShortcuts, type Shortcut } from '../shell/keyboard.ts';
import { query, setQuery } from '../shell/route.ts';
import { GAINS } from './difference.ts';
import { formatScoreWithUnit, scoreName } from './format-score.ts';
import { loadPair, type PicturePair } from './picture-pair.ts';
import { PICTURE_MODES, PictureStage, type PictureMode } from './picture-stage.tsx';
import { fitted, zoomed, type PictureView, type Pointer, type Size } from './picture-view.ts';
import { typeWords } from './worst-frames.tsx';

export interface PictureViewerProps {
  readonly run: string;
  readonly worst: readonly WorstFrame[];
  readonly shown: WorstFrame;
  /** Null closes it. */
  readonly onShow: (frame: WorstFrame | null) => void;
}

const MODE_NAMES: Readonly<Record<PictureMode, readonly [name: string, key: string]>> = {
  side: ['Side by side', 'b'],
  wipe: ['Wipe', 'i'],
  difference: ['Difference', 'd'],
  source: ['Source', 's'],
  output: ['Encoded', 'o'],
};

const FIRST_GAIN = 8;
const ZOOM_STEP = 1.5;

export function PictureViewer({ run, worst, shown, onShow }: PictureViewerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const mode = PICTURE_MODES.find((one) => one === query.value.get('view')) ?? 'side';
  const gain = GAINS.find((one) => String(one) === query.value.get('gain')) ?? FIRST_GAIN;
  const [wipe, setWipe] = useState(0.5);
  const [view, setView] = useState<PictureView | null>(null);
  const [pane, setPane] = useState<Size>({ width: 1, height: 1 });
  const [point, setPoint] = useState<Pointer | null>(null);
  const { pair, failure } = usePair(run, worst, shown);

  useLayoutEffect(() => {
    dialog.current!.showModal();
    dialog.current!.focus();
  }, []);

  const setMode = (next: PictureMode) => setQuery({ view: next === 'side' ? null : next });
  const setGain = (next: number | undefined) =>
    next !== undefined && setQuery({ gain: next === FIRST_GAIN ? null : String(next) });
  const step = (by: number) => {
    const next = worst[worst.indexOf(shown) + by];
    if (next !== undefined) onShow(next);
  };
  const zoom = (factor: number) => {
    if (pair === null) return;
    const middle = { x: pane.width / 2, y: pane.height / 2 };
    setView(zoomed(view ?? fitted(pair.size, pane), factor, middle, pair.size, pane));
  };
  const pixels = () => {
    if (pair === null) return;
    const now = view ?? fitted(pair.size, pane);
    const middle = { x: pane.width / 2, y: pane.height / 2 };
    setView(zoomed(now, 1 / now.scale, middle, pair.size, pane));
  };
  const keys: readonly Shortcut[] = [
    { keys: ['ArrowRight', 'j'], does: 'the next worst frame', run: () => step(1) },
    { keys: ['ArrowLeft', 'k'], does: 'the worse one before', run: () => step(-1) },
    { keys: ['s'], does: 'the source alone', run: () => setMode('source') },
    { keys: ['o'], does: 'the encoded picture (output) alone', run: () => setMode('output') },
    { keys: ['b'], does: 'both, side by side', run: () => setMode('side') },
    { keys: ['i'], does: 'a wipe from one to the other', run: () => setMode('wipe') },
    { keys: ['d'], does: 'the difference', run: () => setMode('difference') },
    { keys: [']'], does: 'amplify the difference more', run: () => setGain(GAINS[GAINS.indexOf(gain) + 1]) },
    { keys: ['['], does: 'amplify it less', run: () => setGain(GAINS[GAINS.indexOf(gain) - 1]) },
    { keys: ['+', '='], does: 'zoom in', run: () => zoom(ZOOM_STEP) },
    { keys: ['-'], does: 'zoom out', run: () => zoom(1 / ZOOM_STEP) },
    { keys: ['1'], does: 'a pixel for a pixel', run: pixels },
    { keys: ['0'], does: 'all of the picture', run: () => setView(null) },
  ];
  useShortcuts('Pictures', keys);

  return (
    <dialog
      ref={dialog}
      class="viewer"
      tabIndex={-1}
      aria-label={`Frame ${shown.frame} beside its source`}
      onClose={(event) => event.target === dialog.current && onShow(null)}
      onKeyDown={(event) => press(event, keys)}
    >
      <header>
        <Facts worst={worst} shown={shown} onStep={step} />
        <button type="button" class="quiet" onClick={() => dialog.current!.close()}>
          Close <kbd>Esc</kbd>
        </button>
      </header>
      {failure ? (
        <p class="viewer-message">The pictures of this frame can’t be read: their files may have been taken away.</p>
      ) : pair === null ? (
        <p class="viewer-message" role="status">
          loading …
        </p>
      ) : (
        <PictureStage
          {...{ pair, mode, gain, wipe, view }}
          onWipe={setWipe}
          onView={setView}
          onPane={setPane}
          onPoint={setPoint}
        />
      )}
      <footer>
        <fieldset class="segments">
          {PICTURE_MODES.map((one) => (
            <button key={one} type="button" aria-pressed={one === mode} onClick={() => setMode(one)}>
              {MODE_NAMES[one][0]} <kbd>{MODE_NAMES[one][1]}</kbd>
            </button>
          ))}
        </fieldset>
        {mode === 'difference' && (
          <fieldset class="segments">
            <legend>amplified</legend>
            {GAINS.map((one) => (
              <button key={one} type="button" aria-pressed={one === gain} onClick={() => setGain(one)}>
                ×{one}
              </button>
            ))}
          </fieldset>
        )}
        {mode === 'wipe' && (
          <input
            type="range"
            min="0"
            max="100"
            value={wipe * 100}
            aria-label="Share of the source"
            onInput={(event) => setWipe(Number(event.currentTarget.value) / 100)}
          />
        )}
        <span class="point muted">{pair !== null && point !== null && <PixelWords pair={pair} at={point} />}</span>
        <span class="zoom">
          <button type="button" class="quiet" aria-label="Zoom out" onClick={() => zoom(1 / ZOOM_STEP)}>
            −
          </button>
          <span class="muted">
            {pair === null ? '' : `${Math.round((view ?? fitted(pair.size, pane)).scale * 100)} %`}
          </span>
          <button type="button" class="quiet" aria-label="Zoom in" onClick={() => zoom(ZOOM_STEP)}>
            +
          </button>
          <button type="button" class="quiet" onClick={pixels}>
            1:1 <kbd>1</kbd>
          </button>
          <button type="button" class="quiet" disabled={view === null} onClick={() => setView(null)}>
            all <kbd>0</kbd>
          </button>
        </span>
      </footer>
    </dialog>
  );
}

/** Keys of the page rest while a dialog is open: this one has its own. */
function press(event: KeyboardEvent, keys: readonly Shortcut[]): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target instanceof HTMLInputElement && event.key.startsWith('Arrow')) return;
  const shortcut = keys.find((one) => one.keys.includes(event.key));
  if (shortcut === undefined) return;
  event.preventDefault();
  shortcut.run();
}

/** The pictures of the shown frame; those of its neighbours are fetched meanwhile. */
function usePair(run: string, worst: readonly WorstFrame[], shown: WorstFrame) {
  const [loaded, setLoaded] = useState<{ readonly frame: WorstFrame; readonly pair: PicturePair | null } | null>(null);
  useEffect(() => {
    let isWanted = true;
    void loadPair(pictureAddress(run, shown.source), pictureAddress(run, shown.output)).then(
      (pair) => isWanted && setLoaded({ frame: shown, pair }),
      () => isWanted && setLoaded({ frame: shown, pair: null }),
    );
    const at = worst.indexOf(shown);
    for (const near of [worst[at + 1], worst[at - 1]])
      for (const path of near === undefined ? [] : [near.source, near.output])
        new Image().src = pictureAddress(run, path);
    return () => {
      isWanted = false;
    };
  }, [run, shown]);
  // The frame before stays until the next is there: no flash between the two.
  return { pair: loaded?.pair ?? null, failure: loaded !== null && loaded.frame === shown && loaded.pair === null };
}

interface FactsProps {
  readonly worst: readonly WorstFrame[];
  readonly shown: WorstFrame;
  readonly onStep: (by: number) => void;
}

function Facts({ worst, shown, onStep }: FactsProps) {
  const at = worst.indexOf(shown);
  return (
    <>
      <span class="steps">
        <button type="button" aria-label="The worse frame before" disabled={at === 0} onClick={() => onStep(-1)}>
          ←
        </button>
        <span>
          {at + 1} of {worst.length} worst
        </span>
        <button
          type="button"
          aria-label="The next worst frame"
          disabled={at === worst.length - 1}
          onClick={() => onStep(1)}
        >
          →
        </button>
      </span>
      <h2>frame {shown.frame}</h2>
      <dl>
        <Fact term={scoreName(shown.metric)}>{formatScoreWithUnit(shown.value, shown.metric)}</Fact>
        <Fact term="at">{formatQuantity(shown.ptsS, 's')}</Fact>
        <Fact term="source frame">{shown.sourceFrame}</Fact>
        <Fact term="type">{typeWords(shown)}</Fact>
        <Fact term="size">{formatQuantity(shown.bytes, 'byte')}</Fact>
        <Fact term="q">{formatQuantity(shown.quantizer, '1')}</Fact>
      </dl>
    </>
  );
}

function Fact({ term, children }: { term: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Red, green and blue of the pixel under the pointer, in both pictures. */
function PixelWords({ pair, at }: { pair: PicturePair; at: Pointer }) {
  const first = (at.y * pair.size.width + at.x) * 4;
  const of = (side: 'source' | 'output') =>
    pair
      .pixels(side)
      .data.slice(first, first + 3)
      .join(' ');
  return (
    <>
      {at.x}, {at.y} · source {of('source')} · encoded {of('output')}
    </>
  );
}
