/** The alert rules. `build.ts` writes prometheus/alerts.yml from them; what to do about each stands in docs/runbook.md. */

import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'

export interface Alert {
  readonly alert: string
  readonly expr: string
  /** How long it must hold before it fires. */
  readonly for?: string
  readonly severity: 'warning' | 'critical'
  readonly summary: string
}

/** package.json is the only place that says where the repository is. */
const { homepage } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  homepage: string
}
const RUNBOOK = `${homepage.replace(/#.*$/, '')}/blob/main/docs/runbook.md`

/** Holds for the instances that are a Watchword: for metrics that other programs export too. */
const ofWatchword = 'and on (job, instance) watchword_build_info'

/**
 * A counter that rose within the window. `increase()` alone sees no first value: one that appears above 0, or that is
 * above 0 again at the first scrape after a restart, has risen too.
 */
function rose(counter: string, window: string, seconds: number): string {
  return [
    `increase(${counter}[${window}]) > 0`,
    `(${counter} > 0 unless ${counter} offset ${window})`,
    `(${counter} > 0 and on (job, instance) time() - process_start_time_seconds < ${seconds})`,
  ].join('\nor ')
}
const roseLately = (counter: string) => rose(counter, '15m', 900)

/** Targets that are a Watchword: by name, by its port, or because they were one within the last day. */
const down = `up == 0
and on (job, instance) (
  up{job=~".*watchword.*"} or up{instance=~".+:9464"} or present_over_time(watchword_build_info[1d])
)
unless on (job, instance) (
  max_over_time(up[1d]) == 1 unless on (job, instance) present_over_time(watchword_build_info[1d])
)`

export const ALERTS: readonly Alert[] = [
  {
    alert: 'WatchwordDown',
    expr: down,
    for: '1m',
    severity: 'critical',
    summary: 'Watchword on {{ $labels.instance }} does not answer.',
  },
  {
    alert: 'WatchwordCameraDown',
    expr: 'watchword_camera_up == 0 and watchword_camera_enabled == 1',
    for: '5m',
    severity: 'warning',
    summary: 'Camera {{ $labels.camera }} has delivered nothing for 5 minutes.',
  },
  {
    alert: 'WatchwordImageProblem',
    // A frozen camera is opened again after 5 minutes: the metric is 0 for a minute each time.
    expr: 'avg_over_time(watchword_camera_problem[10m]) > 0.5',
    for: '10m',
    severity: 'warning',
    summary: 'The image of {{ $labels.camera }} has been {{ $labels.problem }} for 10 minutes.',
  },
  {
    alert: 'WatchwordWrongPassword',
    expr: roseLately('watchword_camera_reconnects_total{reason="auth"}'),
    severity: 'warning',
    summary: '{{ $labels.camera }} refuses user or password.',
  },
  {
    alert: 'WatchwordOverloaded',
    expr: `sum by (job, instance) (rate(watchword_frames_dropped_total{reason="stale"}[5m]))
/ sum by (job, instance) (rate(watchword_frames_received_total[5m])) > 0.2`,
    for: '10m',
    severity: 'warning',
    summary: 'The encoder of {{ $labels.instance }} skips {{ $value | humanizePercentage }} of the frames.',
  },
  {
    alert: 'WatchwordEncoderCrashes',
    expr: roseLately('watchword_encoder_crashes_total'),
    severity: 'critical',
    summary: 'The encoder of {{ $labels.variant }} crashed on {{ $labels.instance }}.',
  },
  {
    alert: 'WatchwordBrokerAway',
    expr: 'watchword_mqtt_connected == 0',
    for: '5m',
    severity: 'critical',
    summary: '{{ $labels.instance }} has had no MQTT broker for 5 minutes; events wait on disk.',
  },
  {
    alert: 'WatchwordOutboxGrows',
    expr: 'watchword_outbox_messages > 1000',
    for: '5m',
    severity: 'warning',
    summary: '{{ $value }} changes of events wait for the broker of {{ $labels.instance }}.',
  },
  {
    alert: 'WatchwordDeliveryStalled',
    expr: 'watchword_health_check_state{check="delivery"} == 2',
    for: '1m',
    severity: 'critical',
    summary: '{{ $labels.instance }} is connected to the broker, but the oldest change does not leave.',
  },
  {
    alert: 'WatchwordEventsLost',
    expr: roseLately('watchword_outbox_dropped_total'),
    severity: 'critical',
    summary: 'The outbox of {{ $labels.instance }} was full and changes of events were dropped ({{ $labels.bound }}).',
  },
  {
    alert: 'WatchwordOutboxDamaged',
    expr: rose('watchword_outbox_damaged_total', '1h', 3600),
    severity: 'critical',
    summary: 'The outbox file of {{ $labels.instance }} was damaged; the bad part was set aside.',
  },
  {
    alert: 'WatchwordSinkFails',
    expr: roseLately('watchword_sink_failures_total'),
    severity: 'warning',
    summary: '{{ $labels.instance }} cannot write its {{ $labels.sink }}: is the disk full?',
  },
  {
    alert: 'WatchwordEventsLate',
    expr: 'histogram_quantile(0.95, sum by (job, instance, le) (rate(watchword_event_latency_seconds_bucket[10m]))) > 10',
    for: '10m',
    severity: 'warning',
    summary: 'Events of {{ $labels.instance }} take {{ $value | humanizeDuration }} from the frame to the broker.',
  },
  {
    alert: 'WatchwordEventLoopSlow',
    expr: `nodejs_eventloop_lag_p99_seconds > 0.1 ${ofWatchword}`,
    for: '10m',
    severity: 'warning',
    summary: 'The main thread of {{ $labels.instance }} is blocked for {{ $value | humanizeDuration }} at a time.',
  },
  {
    alert: 'WatchwordFramesUnaccounted',
    expr: 'watchword_frames_in_flight < 0 or watchword_frames_in_flight > 1000',
    for: '5m',
    severity: 'warning',
    summary: 'Frames received, encoded, reused and dropped by {{ $labels.instance }} do not add up.',
  },
]

/** The rule file of Prometheus. */
export function alertsYaml(): string {
  const rules = ALERTS.map(({ alert, expr, for: held, severity, summary }) => ({
    alert,
    expr,
    ...(held === undefined ? {} : { for: held }),
    labels: { severity },
    annotations: { summary, runbook_url: `${RUNBOOK}#${alert.toLowerCase()}` },
  }))
  const head =
    '# Written by grafana/build.ts from grafana/alerts.ts. Where alerts are sent is configured in Alertmanager.\n'
  return head + stringify({ groups: [{ name: 'watchword', rules }] }, { lineWidth: 0 })
}
