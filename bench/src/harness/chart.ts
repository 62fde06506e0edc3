import { Error as ERRORS_ONLY, logger, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Standing } from './standing.ts';
import type { Spread } from './statistics.ts';

export interface Bar extends Spread {
  /** One panel for each group. */
  readonly group: string;
  readonly name: string;
  /** How the bar is drawn: ours and the loop stand out, a bound is only an outline. None: all bars are alike. */
  readonly standing?: Standing;
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

const ALIKE_COLOR = '#5b8db8';
const BOUND_COLOR = '#d1495b';

/** What the legend says of each standing, and its color; in the order of the legend. */
const LOOKS: readonly (readonly [standing: Standing, label: string, fill: string])[] = [
  ['loop', 'plain loop', '#555555'],
  ['ours', 'Millrace', '#1166bb'],
  ['rival', 'others', '#c5ced6'],
  ['bound', 'bound of this machine: no failure handling, no API', 'white'],
];

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** The legend has what the chart has; a chart whose bars are all alike has none. */
function fillOf(bars: readonly Bar[]) {
  const shown = LOOKS.filter(([standing]) => bars.some((bar) => bar.standing === standing));
  if (shown.length === 0) return { value: ALIKE_COLOR };
  const scale = { domain: shown.map(([, label]) => label), range: shown.map(([, , fill]) => fill) };
  const legend = { title: null, orient: 'bottom', symbolStrokeColor: '#888888', labelLimit: LABEL_LIMIT * 2 } as const;
  return { field: 'look', type: 'nominal', scale, legend } as const;
}

/** The loop, and what the machine allows, as lines across a panel: all of its bars can be held against them. */
const REFERENCES: readonly (readonly [standing: Standing, color: string, dash: readonly number[]])[] = [
  ['loop', '#333333', [1, 0]],
  ['bound', BOUND_COLOR, [5, 4]],
];

/**
 * A panel of horizontal bars for each group: the bar ends at the median, the line across it runs from minimum to maximum. On a
 * logarithmic scale, which has no zero for a bar to begin at, a dot stands at the median.
 */
function barSpec({ title, axis, scale, bars }: BarChart): TopLevelSpec {
  const ours = unique(bars.filter(({ standing }) => standing === 'ours').map((bar) => bar.name));
  const labelFontWeight = {
    condition: { test: `indexof(${JSON.stringify(ours)}, datum.value) >= 0`, value: 'bold' },
    value: 'normal',
  } as const;
  const name = {
    field: 'name',
    type: 'nominal',
    sort: unique(bars.map((bar) => bar.name)),
    title: null,
    axis: { labelLimit: LABEL_LIMIT, labelFontWeight },
  } as const;
  const isLog = scale === 'log';
  const tick = { type: scale, ...(isLog ? { domainMin: Math.min(...bars.map((bar) => bar.min)) / 2 } : {}) } as const;
  const isBound = "datum.standing === 'bound'";
  const stroke = { condition: { test: isBound, value: BOUND_COLOR }, value: null } as const;
  const strokeDash = { condition: { test: isBound, value: [5, 4] }, value: [1, 0] };
  const references = REFERENCES.filter(([standing]) => bars.some((bar) => bar.standing === standing));
  return {
    title,
    background: 'white',
    data: {
      values: bars.map((bar) => ({ ...bar, look: LOOKS.find(([standing]) => standing === bar.standing)?.[1] })),
    },
    // Panels in the order of the bars: a null sort of facets is alphabetical.
    facet: { field: 'group', type: 'nominal', sort: [...new Set(bars.map((bar) => bar.group))], title: null },
    columns: PANELS_IN_A_ROW,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: PANEL_WIDTH,
      height: { step: BAR_HEIGHT },
      layer: [
        {
          mark: isLog ? { type: 'point', filled: true, opacity: 1, size: 90 } : { type: 'bar' },
          encoding: {
            x: { field: 'median', type: 'quantitative', title: axis, scale: tick },
            y: name,
            fill: fillOf(bars),
            stroke,
            strokeDash,
          },
        },
        ...references.map(([standing, color, dash]) => ({
          transform: [{ filter: `datum.standing === '${standing}'` }],
          mark: { type: 'rule' as const, color, strokeDash: [...dash] },
          encoding: { x: { field: 'median', type: 'quantitative' as const } },
        })),
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
