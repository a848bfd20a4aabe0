// A plot on the page, as wide as there is room; it is drawn anew when its data, its width or the scheme changes.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { color, scheme } from '../shell/theme.ts';
import type { PlotSpec } from './plot-spec.ts';

/** Narrower facets can't be read: then the plot scrolls sideways. */
const NARROWEST_FACET = 128;

export interface PlotFigureProps {
  readonly spec: PlotSpec;
  /** What a screen reader says of it. */
  readonly label: string;
  /** Holds the drawing, for what saves it. */
  readonly drawing: { current: SVGSVGElement | null };
}

export function PlotFigure({ spec, label, drawing }: PlotFigureProps) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [failure, setFailure] = useState<string | null>(null);
  const [isDrawn, setDrawn] = useState(false);

  useLayoutEffect(() => {
    const element = box.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => {
      sizes.disconnect();
      drawing.current = null;
    };
  }, []);

  useEffect(() => {
    if (width === 0) return;
    let isOld = false;
    // Observable Plot is large, and a benchmark is shown without it.
    import('./plot-chart.ts')
      .then(({ drawPlot }) => {
        if (isOld || box.current === null) return;
        const facets = Math.max(1, spec.columns?.names.length ?? 1);
        const svg = drawPlot(spec, Math.max(width, facets * NARROWEST_FACET), {
          text: color('--text'),
          muted: color('--muted'),
          line: color('--line'),
          grid: color('--grid'),
          surface: color('--surface'),
        });
        svg.setAttribute('role', 'img');
        svg.setAttribute('aria-label', label);
        svg.classList.add('plot');
        box.current.replaceChildren(svg);
        drawing.current = svg;
        setDrawn(true);
      })
      .catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
    return () => {
      isOld = true;
    };
  }, [spec, label, width, scheme.value]);

  return (
    <div class="plot-frame">
      {failure !== null && <p class="bad plot-waiting">The plot could not be drawn: {failure}</p>}
      {failure === null && !isDrawn && (
        <p class="muted plot-waiting" role="status">
          Drawing …
        </p>
      )}
      <div ref={box} class="plot-box" />
    </div>
  );
}
