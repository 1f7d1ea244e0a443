/** Writes dashboards/watchword.json: `npx tsx grafana/build.ts`. A test holds the file to what this makes. */

import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type Panel, ROWS } from './panels.ts'

const COLUMNS = 24
const HEIGHTS = { stat: 4, timeseries: 8, 'state-timeline': 8 } as const
const WIDTHS = { stat: 4, timeseries: 8, 'state-timeline': 8 } as const
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }

/** Grafana's dashboard as JSON text: the same every time. */
export function buildDashboard(): string {
  return `${JSON.stringify(dashboard(), null, 2)}\n`
}

function dashboard() {
  return {
    uid: 'watchword',
    title: 'Watchword',
    description: 'Cameras in, events out, and what the model costs per variant.',
    tags: ['watchword'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [
        datasourceVariable(),
        variable('camera', 'watchword_camera_up'),
        variable('variant', 'watchword_frames_encoded_total'),
      ],
    },
    annotations: { list: [startAnnotation()] },
    panels: layOut(),
  }
}

/** Left to right, row by row. */
function layOut() {
  const panels: unknown[] = []
  let id = 1
  let y = 0
  for (const row of ROWS) {
    panels.push({
      id: id++,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    })
    y += 1
    let x = 0
    let height = 0
    for (const panel of row.panels) {
      const w = WIDTHS[panel.type]
      if (x + w > COLUMNS) {
        x = 0
        y += height
      }
      height = HEIGHTS[panel.type]
      panels.push(panelJson(panel, id++, { x, y, w, h: height }))
      x += w
    }
    y += height
  }
  return panels
}

function panelJson(panel: Panel, id: number, gridPos: { x: number; y: number; w: number; h: number }) {
  return {
    id,
    type: panel.type,
    title: panel.title,
    description: panel.about,
    datasource: DATASOURCE,
    gridPos,
    targets: panel.queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
    fieldConfig: { defaults: { unit: panel.unit, ...colours(panel), custom: custom(panel) }, overrides: [] },
    options: options(panel),
  }
}

function colours({ type, redFrom, redBelow }: Panel) {
  if (type === 'state-timeline') return { color: { mode: 'continuous-GrYlRd' }, min: 0, max: 1 }
  if (type !== 'stat') return { min: 0 }
  const steps =
    redBelow !== undefined
      ? [
          { color: 'red', value: null },
          { color: 'green', value: redBelow },
        ]
      : [{ color: 'green', value: null }, ...(redFrom === undefined ? [] : [{ color: 'red', value: redFrom }])]
  return { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps } }
}

function custom({ type, stacked }: Panel) {
  if (type !== 'timeseries') return {}
  return {
    fillOpacity: stacked === true ? 30 : 8,
    showPoints: 'never',
    stacking: { mode: stacked === true ? 'normal' : 'none' },
  }
}

function options({ type }: Panel) {
  if (type === 'stat') return { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'area' }
  if (type === 'state-timeline') return { showValue: 'never', legend: { displayMode: 'list', placement: 'bottom' } }
  return { tooltip: { mode: 'multi', sort: 'desc' }, legend: { displayMode: 'list', placement: 'bottom' } }
}

function datasourceVariable() {
  return { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' }
}

function variable(label: string, metric: string) {
  const query = `label_values(${metric}, ${label})`
  return {
    name: label,
    label: label.charAt(0).toUpperCase() + label.slice(1),
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: label },
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
    refresh: 2,
    sort: 1,
  }
}

/** A line where the process started. */
function startAnnotation() {
  return {
    name: 'Starts',
    datasource: DATASOURCE,
    enable: true,
    iconColor: 'blue',
    expr: 'changes(process_start_time_seconds{job="watchword"}[1m]) > 0',
    titleFormat: 'started',
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(new URL('./dashboards/watchword.json', import.meta.url), buildDashboard())
