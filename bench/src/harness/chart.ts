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

export interface LinePoint extends Spread {
  /** One panel for each group, one line for each name. */
  readonly group: string;
  readonly name: string;
  readonly x: number;
}

export interface LineChart {
  readonly name: string;
  readonly title: string;
  readonly xAxis: string;
  readonly axis: string;
  readonly scale: 'linear' | 'log';
  readonly points: readonly LinePoint[];
}

export type Chart = BarChart | LineChart;

const PANEL_WIDTH = 260;
const LINE_PANEL_HEIGHT = 200;
const PANELS_IN_A_ROW = 3;
const BAR_HEIGHT = 22;

/** In pixels: our longest names are shown whole. */
const LABEL_LIMIT = 260;

/**
 * A panel of horizontal bars for each group: the bar ends at the median, the line across it runs from minimum to maximum. On a
 * logarithmic scale, which has no zero for a bar to begin at, a dot stands at the median.
 */
function barSpec({ title, axis, scale, bars }: BarChart): TopLevelSpec {
  const name = { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: LABEL_LIMIT } } as const;
  const isLog = scale === 'log';
  const tick = { type: scale, ...(isLog ? { domainMin: Math.min(...bars.map((bar) => bar.min)) / 2 } : {}) } as const;
  const color = '#5b8db8';
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
          mark: isLog ? { type: 'point', filled: true, opacity: 1, size: 90, color } : { type: 'bar', color },
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

/** A panel for each group, a line through the medians for each name, and from minimum to maximum at each point. */
function lineSpec({ title, xAxis, axis, scale, points }: LineChart): TopLevelSpec {
  const x = { field: 'x', type: 'quantitative', title: xAxis, scale: { type: scale, nice: false } } as const;
  const color = { field: 'name', type: 'nominal', sort: null, title: null } as const;
  return {
    title,
    background: 'white',
    data: { values: [...points] },
    facet: { field: 'group', type: 'nominal', sort: [...new Set(points.map((point) => point.group))], title: null },
    columns: PANELS_IN_A_ROW,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: PANEL_WIDTH,
      height: LINE_PANEL_HEIGHT,
      layer: [
        {
          mark: { type: 'line', point: true },
          encoding: { x, y: { field: 'median', type: 'quantitative', title: axis, scale: { type: scale } }, color },
        },
        {
          mark: { type: 'rule' },
          encoding: { x, y: { field: 'min', type: 'quantitative' }, y2: { field: 'max' }, color },
        },
      ],
    },
  };
}

/** Draws the chart without a browser. */
export async function svgOf(chart: Chart): Promise<string> {
  const spec = 'points' in chart ? lineSpec(chart) : barSpec(chart);
  const view = new View(parse(compile(spec, { logger: logger(ERRORS_ONLY) }).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
