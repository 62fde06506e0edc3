import { writeFileSync } from 'node:fs';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { ChartData } from './chart-data.ts';

const INK = '#1f2933';
const MUTED = '#61707f';
const GRID = '#e4e8ec';
const FONT = 'Helvetica Neue, Helvetica, Arial, sans-serif';
const PANEL_HEIGHT = 300;
/** From near to far; dark to light, so that their order shows without colours too. */
const EXPIRY_COLOURS = ['#240b58', '#7b1fa2', '#c2306b', '#e4603a', '#f59d1f', '#d4c11e'];

/** Draws the day's volatility smile, its surface, and where the day stands in twenty years, as one SVG file. No browser needed. */
export async function drawChart(data: ChartData, file: string, subtitle: string): Promise<void> {
  const view = new View(parse(compile(chartSpec(data, subtitle)).spec), { renderer: 'none' });
  writeFileSync(file, await view.toSVG());
  view.finalize();
}

function chartSpec(data: ChartData, subtitle: string): TopLevelSpec {
  const day = new Date(`${data.date}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return {
    background: 'white',
    padding: 24,
    title: {
      text: `Modelled implied volatility of S&P 500 options, ${day}`,
      subtitle,
      anchor: 'start',
      fontSize: 20,
      subtitleFontSize: 13,
      subtitleColor: MUTED,
      subtitlePadding: 6,
      offset: 22,
    },
    vconcat: [{ hconcat: [smilePanel(data), surfacePanel(data)], spacing: 36 }, historyPanel(data, day)],
    spacing: 36,
    resolve: { scale: { color: 'independent' } },
    config: {
      font: FONT,
      view: { stroke: null },
      title: { color: INK, fontSize: 13, fontWeight: 600, anchor: 'start', offset: 12, frame: 'group' },
      axis: {
        labelColor: MUTED,
        titleColor: INK,
        titleFontWeight: 'normal',
        titlePadding: 8,
        gridColor: GRID,
        domainColor: '#b8c2cc',
        tickColor: '#b8c2cc',
        labelFontSize: 11,
        titleFontSize: 12,
      },
      legend: { labelColor: MUTED, titleColor: INK, titleFontWeight: 'normal', labelFontSize: 11, titleFontSize: 12 },
    },
  };
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/** One line for each expiry: the shorter it is, the more a crash weighs, and the steeper the smile. */
function smilePanel({ surface }: ChartData): Panel {
  return {
    title: 'Smile: one line for each expiry',
    width: 430,
    height: PANEL_HEIGHT,
    data: { values: surface.map((point) => ({ ...point, expiry: weeksLabel(point.weeks) })) },
    layer: [
      {
        data: { values: [{ moneyness: 1 }] },
        mark: { type: 'rule', color: '#9aa5b1', strokeDash: [4, 4] },
        encoding: { x: { field: 'moneyness', type: 'quantitative' } },
      },
      {
        mark: { type: 'line', strokeWidth: 2.2, interpolate: 'monotone' },
        encoding: {
          x: {
            field: 'moneyness',
            type: 'quantitative',
            title: 'Strike (% of the index)',
            axis: { format: '.0%', grid: false },
            scale: { zero: false, nice: false, padding: 8 },
          },
          y: {
            field: 'volatility',
            type: 'quantitative',
            title: 'Implied volatility (% a year)',
            axis: { format: '.0%', tickCount: 6 },
            scale: { zero: false, nice: false, padding: 12 },
          },
          color: {
            field: 'expiry',
            type: 'ordinal',
            title: 'Expiry',
            sort: expiries(surface).map(weeksLabel),
            scale: { range: EXPIRY_COLOURS },
            legend: { symbolStrokeWidth: 3, orient: 'none', legendX: 345, legendY: 6 },
          },
        },
      },
    ],
  };
}

/** A cell for each listed strike and expiry. Strikes are 25 points apart, so a cell covers half of that to either side. */
function surfacePanel({ surface, spot }: ChartData): Panel {
  const cells = surface.map((point) => ({
    ...point,
    expiry: weeksLabel(point.weeks),
    from: point.strike - 12.5,
    to: point.strike + 12.5,
  }));
  return {
    title: 'Surface: every quote of the day',
    width: 430,
    height: PANEL_HEIGHT,
    layer: [
      {
        data: { values: cells },
        mark: { type: 'rect', stroke: 'white', strokeWidth: 0.6 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            title: 'Strike (index points)',
            axis: { grid: false },
            scale: { zero: false, nice: false },
          },
          x2: { field: 'to' },
          y: { field: 'expiry', type: 'ordinal', title: 'Expiry', sort: expiries(surface).map(weeksLabel).reverse() },
          color: {
            field: 'volatility',
            type: 'quantitative',
            title: 'Implied volatility',
            scale: { scheme: 'inferno', reverse: true, zero: false },
            legend: { format: '.0%', gradientLength: PANEL_HEIGHT - 40, gradientThickness: 12 },
          },
        },
      },
      {
        data: { values: [{ spot }] },
        mark: { type: 'rule', color: INK, strokeDash: [4, 4], strokeWidth: 1.2 },
        encoding: { x: { field: 'spot', type: 'quantitative' } },
      },
    ],
  };
}

/** A needle for each day that has quotes; days without movement have none. */
function historyPanel({ history, date }: ChartData, day: string): Panel {
  const highlighted = history.filter((entry) => entry.date === date).map((entry) => ({ ...entry, label: day }));
  const x = {
    field: 'date',
    type: 'temporal',
    timeUnit: 'utcyearmonthdate',
    title: null,
    axis: { grid: false, format: '%Y', tickCount: 20 },
  } as const;
  const y = {
    field: 'volatility',
    type: 'quantitative',
    title: 'Volatility',
    axis: { format: '.0%', tickCount: 4 },
  } as const;
  return {
    title: 'Four-week volatility at the money, on every day that got quotes',
    width: 1004,
    height: 130,
    layer: [
      {
        data: { values: history },
        mark: { type: 'rule', strokeWidth: 1, color: '#5b7c99', opacity: 0.75 },
        encoding: { x, y },
      },
      {
        data: { values: highlighted },
        layer: [
          { mark: { type: 'rule', strokeWidth: 2, color: '#d6336c' }, encoding: { x, y } },
          { mark: { type: 'point', filled: true, size: 45, color: '#d6336c', opacity: 1 }, encoding: { x, y } },
          {
            mark: { type: 'text', align: 'left', dx: 9, dy: 1, color: '#d6336c', fontSize: 12, fontWeight: 600 },
            encoding: { x, y, text: { field: 'label' } },
          },
        ],
      },
    ],
  };
}

function expiries(surface: ChartData['surface']): number[] {
  return [...new Set(surface.map(({ weeks }) => weeks))].sort((a, b) => a - b);
}

function weeksLabel(weeks: number): string {
  return weeks === 52 ? '1 year' : `${weeks} weeks`;
}
