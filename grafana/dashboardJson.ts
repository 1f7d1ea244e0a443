/** A dashboard as Grafana's JSON: the same text every time. */

import type { Dashboard, Panel, VariableName } from './panel.ts'

const COLUMNS = 24
const SIZES: Readonly<Record<Panel['type'], { w: number; h: number }>> = {
  stat: { w: 4, h: 4 },
  timeseries: { w: 8, h: 8 },
  'state-timeline': { w: 8, h: 8 },
  heatmap: { w: 8, h: 8 },
}
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }
/** Every dashboard carries it; the links between them find each other by it. */
const TAG = 'watchword'
/** Where the values of a variable come from. */
const VARIABLES: Readonly<Record<VariableName, string>> = {
  camera: 'watchword_camera_up',
  event: 'watchword_event_active',
  variant: 'watchword_frames_encoded_total',
}

export function dashboardJson(dashboard: Dashboard): string {
  return `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`
}

function toGrafana({ name, title, about, variables, rows }: Dashboard) {
  const chosen = 'job=~"$job", instance=~"$instance"'
  return {
    uid: `watchword-${name}`,
    title,
    description: about,
    tags: [TAG],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    links: [linkToAll()],
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        variable('job', 'watchword_build_info'),
        variable('instance', 'watchword_build_info{job=~"$job"}'),
        ...variables.map(each => variable(each, `${VARIABLES[each]}{${chosen}}`)),
      ],
    },
    annotations: { list: [startAnnotation()] },
    panels: layOut(rows),
  }
}

/** Left to right, row by row. */
function layOut(rows: Dashboard['rows']) {
  const panels: unknown[] = []
  let id = 1
  let y = 0
  for (const row of rows) {
    const gridPos = { x: 0, y, w: COLUMNS, h: 1 }
    panels.push({ id: id++, type: 'row', title: row.title, collapsed: false, gridPos, panels: [] })
    y += 1
    let x = 0
    let height = 0
    for (const panel of row.panels) {
      const { w, h } = SIZES[panel.type]
      if (x + w > COLUMNS) {
        x = 0
        y += height
      }
      height = h
      panels.push(panelJson(panel, id++, { x, y, w, h }))
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
      ...(panel.type === 'heatmap' ? { format: 'heatmap' } : {}),
    })),
    fieldConfig: { defaults: { unit: panel.unit, ...colors(panel), custom: custom(panel) }, overrides: [] },
    options: options(panel),
  }
}

function colors({ type, redFrom, redBelow, colors = [] }: Panel) {
  if (type === 'state-timeline') {
    const steps = colors.map((color, value) => ({ color, value: value === 0 ? null : value }))
    return { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps } }
  }
  if (type === 'heatmap') return {}
  if (type === 'timeseries') return { min: 0 }
  const red = redFrom === undefined ? [] : [{ color: 'red', value: redFrom }]
  const steps =
    redBelow === undefined
      ? [{ color: 'green', value: null }, ...red]
      : [
          { color: 'red', value: null },
          { color: 'green', value: redBelow },
        ]
  return { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps } }
}

function custom({ type, stacked }: Panel) {
  if (type !== 'timeseries') return {}
  const isStacked = stacked === true
  return { fillOpacity: isStacked ? 30 : 8, showPoints: 'never', stacking: { mode: isStacked ? 'normal' : 'none' } }
}

function options({ type, unit }: Panel) {
  const legend = { displayMode: 'list', placement: 'bottom' }
  if (type === 'stat') return { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'area' }
  if (type === 'state-timeline') return { showValue: 'never', legend }
  if (type === 'timeseries') return { tooltip: { mode: 'multi', sort: 'desc' }, legend }
  return {
    calculate: false,
    color: { mode: 'scheme', scheme: 'Oranges', steps: 64 },
    cellGap: 1,
    yAxis: { unit },
    legend: { show: true },
    tooltip: { mode: 'single' },
  }
}

/** "All" becomes the list of values that exist, so that no other program's series match. */
function variable(name: string, series: string) {
  const query = `label_values(${series}, ${name})`
  return {
    name,
    label: name.charAt(0).toUpperCase() + name.slice(1),
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    multi: true,
    includeAll: true,
    current: { text: 'All', value: '$__all' },
    refresh: 2,
    sort: 1,
  }
}

/** A bar with the other dashboards; what is chosen here stays chosen there. */
function linkToAll() {
  return { title: 'Watchword', type: 'dashboards', tags: [TAG], asDropdown: false, includeVars: true, keepTime: true }
}

/** A line where a process started. */
function startAnnotation() {
  return {
    name: 'Starts',
    datasource: DATASOURCE,
    enable: true,
    iconColor: 'blue',
    expr: 'changes(process_start_time_seconds{job=~"$job", instance=~"$instance"}[1m]) > 0 and on (job, instance) watchword_build_info',
    titleFormat: '{{instance}} started',
  }
}
