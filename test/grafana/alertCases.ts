/** What Prometheus sees, and how many series of an alert must fire then. Values are promtool's, one every 10 s. */

/** Series → values. */
export type Series = Readonly<Record<string, string>>

export interface AlertCase {
  readonly alert: string
  readonly what: string
  readonly at: string
  readonly series: Series
  readonly fires: number
}

const A = 'instance="a:9464", job="watchword"'
const B = 'instance="b:9464", job="watchword"'
const OTHER = 'instance="db:3000", job="db"'
const BUILD = { [`watchword_build_info{${A}}`]: '1x400', [`watchword_build_info{${B}}`]: '1x400' }
/** Started long before, so that no process is young. */
const OLD = { [`process_start_time_seconds{${A}}`]: '-100000x500', [`process_start_time_seconds{${B}}`]: '-100000x500' }

/** Cases that hold for every alert about a counter that rises. */
function counterCases(alert: string, metric: string, labels: string): AlertCase[] {
  const counter = (where: string) => `${metric}{${labels === '' ? where : `${labels}, ${where}`}}`
  return [
    { alert, what: 'stays at 0', at: '10m', series: { ...OLD, [counter(A)]: '0x100' }, fires: 0 },
    { alert, what: 'the first increment', at: '6m', series: { ...OLD, [counter(A)]: '0x30 1x60' }, fires: 1 },
    { alert, what: 'appears above 0', at: '6m', series: { ...OLD, [counter(A)]: '_x30 1x60' }, fires: 1 },
    {
      alert,
      what: 'is as high after a restart as before',
      at: '40m',
      series: { [`process_start_time_seconds{${A}}`]: '-100000x229 2300x200', [counter(A)]: '1x229 1x200' },
      fires: 1,
    },
    { alert, what: 'rose long ago', at: '80m', series: { ...OLD, [counter(A)]: '0x30 1x500' }, fires: 0 },
    {
      alert,
      what: 'two instances are two alerts',
      at: '6m',
      series: { ...OLD, [counter(A)]: '0x30 1x60', [counter(B)]: '0x30 2x60' },
      fires: 2,
    },
  ]
}

/** Cases that hold for every alert about a value that must hold for some time. */
function stateCases(alert: string, good: Series, bad: Series, held: string, short: string): AlertCase[] {
  return [
    { alert, what: 'is well', at: held, series: good, fires: 0 },
    { alert, what: 'is wrong for long', at: held, series: bad, fires: 1 },
    { alert, what: 'is wrong for a moment', at: short, series: bad, fires: 0 },
  ]
}

const dropped = (where: string, values: string) => ({
  [`watchword_frames_dropped_total{camera="x", reason="stale", ${where}}`]: values,
})
const received = (where: string, values: string) => ({
  [`watchword_frames_received_total{camera="x", ${where}}`]: values,
})
const latency = (where: string, within10s: string, within30s: string): Series => ({
  [`watchword_event_latency_seconds_bucket{le="10", ${where}}`]: within10s,
  [`watchword_event_latency_seconds_bucket{le="30", ${where}}`]: within30s,
  [`watchword_event_latency_seconds_bucket{le="+Inf", ${where}}`]: within30s,
})
const camera = (up: string, enabled: string): Series => ({
  [`watchword_camera_up{camera="yard", ${A}}`]: up,
  [`watchword_camera_enabled{camera="yard", ${A}}`]: enabled,
})

export const CASES: readonly AlertCase[] = [
  ...stateCases('WatchwordDown', { [`up{${A}}`]: '1x100' }, { [`up{${A}}`]: '0x100' }, '5m', '30s'),
  {
    alert: 'WatchwordDown',
    what: 'under another job name, at the default port, never seen',
    at: '5m',
    series: { 'up{job="home", instance="127.0.0.1:9464"}': '0x60' },
    fires: 1,
  },
  {
    alert: 'WatchwordDown',
    what: 'under another job name and port, was up before',
    at: '15m',
    series: {
      'up{job="home", instance="hall:8000"}': '1x30 0x100',
      'watchword_build_info{job="home", instance="hall:8000"}': '1x30 _x100',
    },
    fires: 1,
  },
  { alert: 'WatchwordDown', what: 'another program', at: '5m', series: { [`up{${OTHER}}`]: '0x60' }, fires: 0 },
  {
    alert: 'WatchwordDown',
    what: 'another program at the same port',
    at: '15m',
    series: { 'up{job="otel", instance="shop:9464"}': '1x30 0x100' },
    fires: 0,
  },

  ...stateCases('WatchwordCameraDown', camera('1x100', '1x100'), camera('0x100', '1x100'), '10m', '3m'),
  {
    alert: 'WatchwordCameraDown',
    what: 'disabled in the config',
    at: '10m',
    series: camera('0x100', '0x100'),
    fires: 0,
  },
  {
    alert: 'WatchwordCameraDown',
    what: 'switched off while it ran',
    at: '15m',
    series: camera('1x30 0x100', '1x30 0x100'),
    fires: 0,
  },
  {
    alert: 'WatchwordCameraDown',
    what: 'switched on again and still away',
    at: '15m',
    series: camera('0x100', '0x30 1x100'),
    fires: 1,
  },

  ...stateCases(
    'WatchwordImageProblem',
    { [`watchword_camera_problem{camera="yard", problem="dark", ${A}}`]: '0x100' },
    { [`watchword_camera_problem{camera="yard", problem="dark", ${A}}`]: '1x100' },
    '15m',
    '5m',
  ),
  {
    alert: 'WatchwordImageProblem',
    what: 'frozen, and opened again every five minutes',
    at: '25m',
    series: { [`watchword_camera_problem{camera="yard", problem="frozen", ${A}}`]: '0x5 1x23 '.repeat(8).trim() },
    fires: 1,
  },

  ...counterCases('WatchwordWrongPassword', 'watchword_camera_reconnects_total', 'camera="yard", reason="auth"'),
  {
    alert: 'WatchwordWrongPassword',
    what: 'lost for another reason',
    at: '6m',
    series: { ...OLD, [`watchword_camera_reconnects_total{camera="yard", reason="timeout", ${A}}`]: '0x30 1x60' },
    fires: 0,
  },

  ...stateCases(
    'WatchwordOverloaded',
    { ...dropped(A, '0x200'), ...received(A, '0+40x200') },
    { ...dropped(A, '0+20x200'), ...received(A, '0+40x200') },
    '25m',
    '5m',
  ),
  {
    alert: 'WatchwordOverloaded',
    what: 'one of two instances, the other one larger',
    at: '25m',
    series: {
      ...dropped(A, '0+20x200'),
      ...received(A, '0+40x200'),
      ...dropped(B, '0x200'),
      ...received(B, '0+400x200'),
    },
    fires: 1,
  },

  ...counterCases('WatchwordEncoderCrashes', 'watchword_encoder_crashes_total', 'variant="int8"'),

  ...stateCases(
    'WatchwordBrokerAway',
    { [`watchword_mqtt_connected{${A}}`]: '1x100' },
    { [`watchword_mqtt_connected{${A}}`]: '0x100' },
    '10m',
    '3m',
  ),

  ...stateCases(
    'WatchwordOutboxGrows',
    { [`watchword_outbox_messages{${A}}`]: '900x100' },
    { [`watchword_outbox_messages{${A}}`]: '1001x100' },
    '10m',
    '3m',
  ),
  {
    alert: 'WatchwordOutboxGrows',
    what: 'two instances below the limit are not added up',
    at: '10m',
    series: { [`watchword_outbox_messages{${A}}`]: '600x100', [`watchword_outbox_messages{${B}}`]: '600x100' },
    fires: 0,
  },

  ...stateCases(
    'WatchwordDeliveryStalled',
    { [`watchword_health_check_state{${A},check="delivery",subject="mqtt"}`]: '1x100' },
    { [`watchword_health_check_state{${A},check="delivery",subject="mqtt"}`]: '2x100' },
    '5m',
    '30s',
  ),

  ...counterCases('WatchwordEventsLost', 'watchword_outbox_dropped_total', 'bound="bytes"'),
  ...counterCases('WatchwordOutboxDamaged', 'watchword_outbox_damaged_total', ''),
  ...counterCases('WatchwordSinkFails', 'watchword_sink_failures_total', 'sink="journal"'),

  ...stateCases('WatchwordEventsLate', latency(A, '0+1x200', '0+1x200'), latency(A, '0x200', '0+1x200'), '25m', '5m'),
  {
    alert: 'WatchwordEventsLate',
    what: 'one of two instances, the other one with more events',
    at: '25m',
    series: { ...latency(A, '0x200', '0+1x200'), ...latency(B, '0+100x200', '0+100x200') },
    fires: 1,
  },

  ...stateCases(
    'WatchwordEventLoopSlow',
    { ...BUILD, [`nodejs_eventloop_lag_p99_seconds{${A}}`]: '0.02x200' },
    { ...BUILD, [`nodejs_eventloop_lag_p99_seconds{${A}}`]: '0.2x200' },
    '20m',
    '5m',
  ),
  {
    alert: 'WatchwordEventLoopSlow',
    what: 'another Node program',
    at: '20m',
    series: { ...BUILD, [`nodejs_eventloop_lag_p99_seconds{${OTHER}}`]: '0.2x200' },
    fires: 0,
  },

  ...stateCases(
    'WatchwordFramesUnaccounted',
    { [`watchword_frames_in_flight{${A}}`]: '12x100' },
    { [`watchword_frames_in_flight{${A}}`]: '-1x100' },
    '10m',
    '3m',
  ),
  {
    alert: 'WatchwordFramesUnaccounted',
    what: 'frames pile up',
    at: '10m',
    series: { [`watchword_frames_in_flight{${A}}`]: '1001x100' },
    fires: 1,
  },
]
