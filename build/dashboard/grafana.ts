import { API_SERVER, HTTP } from './cluster.ts';
import { KEYS } from './keys.ts';
import type { Panel, Row, Threshold } from './panel.ts';
import { QUEUE } from './queue.ts';
import { REPLICAS } from './replicas.ts';
import { STATE, UNSEALING } from './sealed-secrets.ts';

/** The rows of the dashboard, from what matters most. */
export const ROWS: readonly Row[] = [STATE, UNSEALING, QUEUE, KEYS, API_SERVER, HTTP, REPLICAS];

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
/** The columns of the grid. */
export const WIDTH = 24;
/** The heights of panels, in Grafana's units. */
export const HEIGHTS: Readonly<Record<Panel['kind'], number>> = { stat: 4, timeseries: 8, table: 8 };
const GREEN: readonly Threshold[] = [[undefined, 'green']];

/** Returns the dashboard in Grafana's JSON. Schema 39 is that of Grafana 10.3; newer ones migrate it as they load it. */
export function dashboard(): object {
  return {
    title: 'Sealed Secrets',
    uid: 'sealed-secrets',
    description: 'The controller of Sealed Secrets: what it unseals, and how it is.',
    tags: ['sealed-secrets'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: 'now-6h', to: 'now' },
    refresh: '1m',
    annotations: { list: [] },
    links: [],
    templating: { list: variables() },
    panels: placed(ROWS),
  };
}

function variables(): readonly object[] {
  return [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      refresh: 1,
      current: { text: 'default', value: 'default' },
    },
    variable('job', 'Job', 'sealed_secrets_controller_build_info'),
    variable('instance', 'Instance', 'sealed_secrets_controller_build_info{job=~"$job"}'),
    variable('namespace', 'Namespace', 'sealed_secrets_controller_sealed_secrets{job=~"$job"}'),
  ];
}

function variable(name: string, label: string, selector: string): object {
  const query = `label_values(${selector}, ${name})`;
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: 'StandardVariableQuery' },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { selected: true, text: ['All'], value: ['$__all'] },
  };
}

/** Places the panels of each row from left to right, below its title. */
function placed(rows: readonly Row[]): readonly object[] {
  const all: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const heading = { title, type: 'row', collapsed: false, panels: [] };
    all.push({ id: all.length + 1, ...heading, gridPos: { h: 1, w: WIDTH, x: 0, y: y++ } });
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      if (x + panel.width > WIDTH) {
        x = 0;
        y += height;
      }
      height = HEIGHTS[panel.kind];
      const gridPos = { h: height, w: panel.width, x, y };
      all.push({ id: all.length + 1, ...panelJson(panel), gridPos });
      x += panel.width;
    }
    y += height;
  }
  return all;
}

function panelJson(panel: Panel): object {
  const { title, description, kind, targets } = panel;
  return {
    title,
    description,
    type: kind,
    datasource: DATASOURCE,
    targets: targets.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(kind === 'table' ? { instant: true, range: false, format: 'table' } : { range: true }),
    })),
    ...SETTINGS[kind](panel),
  };
}

const SETTINGS: Readonly<Record<Panel['kind'], (panel: Panel) => object>> = {
  stat: (panel) => ({
    fieldConfig: { defaults: defaultsOf(panel), overrides: [] },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'auto',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    },
  }),
  timeseries: (panel) => ({
    fieldConfig: {
      defaults: {
        ...defaultsOf(panel),
        color: { mode: 'palette-classic' },
        min: 0,
        custom: {
          drawStyle: 'line',
          lineInterpolation: 'linear',
          lineWidth: 1,
          fillOpacity: panel.isStacked ? 40 : 5,
          showPoints: 'never',
          spanNulls: false,
          stacking: { group: 'A', mode: panel.isStacked ? 'normal' : 'none' },
        },
      },
      overrides: Object.entries(panel.colors ?? {}).map(([name, color]) => ({
        matcher: { id: 'byName', options: name },
        properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }],
      })),
    },
    options: {
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  }),
  table: (panel) => ({
    fieldConfig: {
      defaults: defaultsOf(panel),
      overrides: (panel.columns ?? []).flatMap(({ title, unit, texts }) =>
        unit === undefined
          ? []
          : [
              {
                matcher: { id: 'byName', options: title },
                properties: [
                  { id: 'unit', value: unit },
                  { id: 'mappings', value: mappingsOf(texts) },
                ],
              },
            ],
      ),
    },
    options: { frameIndex: 0, showHeader: true, cellHeight: 'sm' },
    transformations: [
      { id: 'merge', options: {} },
      { id: 'organize', options: organized(panel.columns ?? []) },
    ],
  }),
};

function defaultsOf({ unit, thresholds = GREEN, texts, noValue }: Panel): object {
  const steps = thresholds.map(([value, color]) => ({ color, value: value ?? null }));
  return {
    unit,
    thresholds: { mode: 'absolute', steps },
    mappings: mappingsOf(texts),
    ...(noValue === undefined ? {} : { noValue }),
  };
}

function mappingsOf(texts: Panel['texts'] = {}): readonly object[] {
  const shown = Object.entries(texts).map(([value, text], index) => [value, { text, index }] as const);
  return shown.length === 0 ? [] : [{ type: 'value', options: Object.fromEntries(shown) }];
}

/** Returns the order and titles of the columns. The time of the query is the same in all lines. */
function organized(columns: NonNullable<Panel['columns']>): object {
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
    renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
  };
}
