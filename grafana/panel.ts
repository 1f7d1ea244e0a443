/** What a panel is, and the short forms in which the dashboards are written. */

export interface Query {
  readonly expr: string
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What the reader should make of it; shown at the panel's corner. */
  readonly about: string
  readonly type: 'stat' | 'timeseries' | 'state-timeline' | 'heatmap'
  /** Grafana's unit id. */
  readonly unit: string
  readonly queries: readonly Query[]
  readonly stacked?: boolean
  /** A state timeline: the colour of the values 0, 1, 2 … */
  readonly colors?: readonly string[]
  /** A stat is red from this value on, and green below it. */
  readonly redFrom?: number
  /** A stat is red below this value, and green from it on. */
  readonly redBelow?: number
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** A variable beside `datasource`, `job` and `instance`, which every dashboard has. */
export type VariableName = 'camera' | 'event' | 'variant'

export interface Dashboard {
  /** File name, and the end of the dashboard's uid. */
  readonly name: 'overview' | 'models' | 'camera' | 'delivery'
  readonly title: string
  readonly about: string
  readonly variables: readonly VariableName[]
  readonly rows: readonly Row[]
}

export const FRAMES_PER_SECOND = 'suffix: frames/s'
export const PER_SECOND = 'cps'

/** `metric` of the chosen instances, with more matchers behind. */
export function of(metric: string, ...matchers: string[]): string {
  return `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`
}

export const CAMERA = 'camera=~"$camera"'
export const EVENT = 'event=~"$event"'
export const VARIANT = 'variant=~"$variant"'

export function rate(metric: string, ...matchers: string[]): string {
  return `rate(${of(metric, ...matchers)}[$__rate_interval])`
}

/** Over the last hour, whatever the dashboard's range is. */
export function lastHour(metric: string, ...matchers: string[]): string {
  return `increase(${of(metric, ...matchers)}[1h])`
}

/** Sums per instance and label: two instances never become one line. */
export function sumBy(labels: string, expr: string): string {
  return `sum by (instance${labels === '' ? '' : `, ${labels}`}) (${expr})`
}

/** Quantiles of a histogram, a line each. `labels` are kept. */
export function quantiles(
  metric: string,
  labels: string,
  matchers: readonly string[],
  which: readonly number[],
): Query[] {
  const legend = labels === '' ? '{{instance}}' : `{{instance}} {{${labels}}}`
  return which.map(quantile => ({
    expr: `histogram_quantile(${quantile}, ${sumBy(labels === '' ? 'le' : `le, ${labels}`, rate(`${metric}_bucket`, ...matchers))})`,
    legend: `${legend} p${quantile * 100}`,
  }))
}

export function series(title: string, unit: string, about: string, ...queries: Query[]): Panel {
  return { title, about, type: 'timeseries', unit, queries }
}

export function stat(
  title: string,
  unit: string,
  about: string,
  expr: string,
  red: Pick<Panel, 'redFrom' | 'redBelow'> = {},
): Panel {
  return { title, about, type: 'stat', unit, queries: [{ expr, legend: title }], ...red }
}

/** @param colors of the values 0, 1, 2 … */
export function timeline(title: string, colors: readonly string[], about: string, query: Query): Panel {
  return { title, about, type: 'state-timeline', unit: 'short', queries: [query], colors }
}

/** How the observations of a histogram spread over its buckets, in time. */
export function heatmap(title: string, unit: string, about: string, metric: string, ...matchers: string[]): Panel {
  const expr = `sum by (le) (${rate(`${metric}_bucket`, ...matchers)})`
  return { title, about, type: 'heatmap', unit, queries: [{ expr, legend: '{{le}}' }] }
}
