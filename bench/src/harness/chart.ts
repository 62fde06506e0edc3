import { Error as ERRORS_ONLY, logger, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Spread } from './statistics.ts';

export interface Bar extends Spread {
  /** One panel for each group. */
  readonly group: string;
  readonly name: string;
}

export interface BarChart {
  /** Also the name of its file, without the extension. */
  readonly name: string;
  readonly title: string;
  readonly axis: string;
  readonly scale: 'linear' | 'log';
  readonly bars: readonly Bar[];
}

const PANEL_WIDTH = 260;
const PANELS_IN_A_ROW = 3;
const BAR_HEIGHT = 22;

/** A panel of horizontal bars for each group: the bar ends at the median, the line across it runs from minimum to maximum. */
function specOf({ title, axis, scale, bars }: BarChart): TopLevelSpec {
  const name = { field: 'name', type: 'nominal', sort: null, title: null } as const;
  const tick = {
    type: scale,
    ...(scale === 'log' ? { domainMin: Math.min(...bars.map((bar) => bar.min)) / 2 } : {}),
  } as const;
  return {
    title,
    background: 'white',
    data: { values: [...bars] },
    // Panels in the order of the bars: a null sort of facets is alphabetical.
    facet: { field: 'group', type: 'nominal', sort: [...new Set(bars.map((bar) => bar.group))], title: null },
    columns: PANELS_IN_A_ROW,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: PANEL_WIDTH,
      height: { step: BAR_HEIGHT },
      layer: [
        {
          mark: { type: 'bar', color: '#5b8db8' },
          encoding: { x: { field: 'median', type: 'quantitative', title: axis, scale: tick }, y: name },
        },
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { x: { field: 'min', type: 'quantitative' }, x2: { field: 'max' }, y: name },
        },
      ],
    },
  };
}

/** Draws the chart without a browser. */
export async function svgOf(chart: BarChart): Promise<string> {
  const view = new View(parse(compile(specOf(chart), { logger: logger(ERRORS_ONLY) }).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
