/** What the dashboard shows: every panel with its queries. `build.ts` makes Grafana's JSON of it. */

export interface Query {
  readonly expr: string
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What to make of it, shown at the panel's corner. */
  readonly about: string
  readonly type: 'stat' | 'timeseries' | 'state-timeline'
  /** Grafana's unit id. */
  readonly unit: string
  readonly queries: readonly Query[]
  readonly stacked?: boolean
  /** From this value on the stat is red; from any other it is green. */
  readonly redFrom?: number
  readonly redBelow?: number
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

const CAMERA = '{camera=~"$camera"}'
const VARIANT = '{variant=~"$variant"}'
const rate = (metric: string, labels = '') => `rate(${metric}${labels}[$__rate_interval])`
const quantile = (q: number, metric: string, by: string, labels = '') =>
  `histogram_quantile(${q}, sum by (le${by}) (${rate(`${metric}_bucket`, labels)}))`

export const ROWS: readonly Row[] = [
  {
    title: 'Now',
    panels: [
      stat('Cameras up', 'Cameras that deliver frames.', 'short', 'sum(watchword_camera_up)'),
      {
        ...stat('Cameras down', 'Lost, disabled or ended.', 'short', 'sum(watchword_camera_up == bool 0)'),
        redFrom: 1,
      },
      stat('Active events', 'Events that go on now.', 'short', 'sum(watchword_event_active)'),
      stat(
        'Throughput',
        'Frames encoded a second, shadows left out.',
        'short',
        `sum(${rate('watchword_frames_encoded_total')})`,
      ),
      { ...stat('Broker', '1 while connected.', 'short', 'watchword_mqtt_connected'), redBelow: 1 },
      {
        ...stat('Waiting in the outbox', 'Changes that wait for the broker.', 'short', 'watchword_outbox_messages'),
        redFrom: 100,
      },
    ],
  },
  {
    title: 'Model, by variant',
    panels: [
      series('Inference latency', 'Time of one batch, not of one frame.', 's', [
        { expr: quantile(0.5, 'watchword_inference_seconds', ', variant', VARIANT), legend: '{{variant}} p50' },
        { expr: quantile(0.95, 'watchword_inference_seconds', ', variant', VARIANT), legend: '{{variant}} p95' },
      ]),
      series('Throughput', 'Frames encoded a second; shadows see a share only.', 'short', [
        { expr: `sum by (variant) (${rate('watchword_inference_batch_size_sum', VARIANT)})`, legend: '{{variant}}' },
      ]),
      series('Capacity', 'Frames a second if the encoder had nothing else to do.', 'short', [
        {
          expr: `sum by (variant) (${rate('watchword_inference_batch_size_sum', VARIANT)}) / sum by (variant) (${rate('watchword_inference_seconds_sum', VARIANT)})`,
          legend: '{{variant}}',
        },
      ]),
      series('Batch size', 'Mean frames per batch. At the configured maximum: the encoder is the limit.', 'short', [
        {
          expr: `sum by (variant) (${rate('watchword_inference_batch_size_sum', VARIANT)}) / sum by (variant) (${rate('watchword_inference_batch_size_count', VARIANT)})`,
          legend: '{{variant}}',
        },
      ]),
      series('Encoder busy', 'Share of the time that is spent in the model.', 'percentunit', [
        { expr: `sum by (variant) (${rate('watchword_inference_seconds_sum', VARIANT)})`, legend: '{{variant}}' },
      ]),
      series('Shadows agree', 'Smallest cosine of a shadow’s embedding to the deciding one, last batch.', 'short', [
        { expr: `watchword_shadow_cosine_min${VARIANT}`, legend: '{{variant}}' },
      ]),
      series('Encoder crashes', 'In the last hour.', 'short', [
        { expr: `increase(watchword_encoder_crashes_total${VARIANT}[1h])`, legend: '{{variant}}' },
      ]),
      series('Stages', '95th percentile of the time a frame or change spends in each stage.', 's', [
        { expr: quantile(0.95, 'watchword_stage_seconds', ', stage'), legend: '{{stage}}' },
      ]),
    ],
  },
  {
    title: 'Cameras',
    panels: [
      {
        ...series('Up', '1 while frames come.', 'short', [
          { expr: `watchword_camera_up${CAMERA}`, legend: '{{camera}}' },
        ]),
        type: 'state-timeline',
      },
      {
        ...series('Picture problems', 'Frozen or dark although frames come.', 'short', [
          { expr: `watchword_camera_problem${CAMERA}`, legend: '{{camera}} {{problem}}' },
        ]),
        type: 'state-timeline',
      },
      series('Age of the last frame', 'Grows when a camera stalls.', 's', [
        { expr: `time() - watchword_camera_last_frame_timestamp_seconds${CAMERA}`, legend: '{{camera}}' },
      ]),
      series('Frames received', 'A second.', 'short', [
        { expr: `sum by (camera) (${rate('watchword_frames_received_total', CAMERA)})`, legend: '{{camera}}' },
      ]),
      {
        ...series('Where frames go', 'Received = encoded + gated + dropped + in flight.', 'short', [
          { expr: `sum(${rate('watchword_frames_encoded_total')})`, legend: 'encoded' },
          { expr: `sum(${rate('watchword_frames_gated_total')})`, legend: 'gated' },
          { expr: `sum by (reason) (${rate('watchword_frames_dropped_total')})`, legend: 'dropped: {{reason}}' },
        ]),
        stacked: true,
      },
      series('Frames in flight', 'Waiting for the encoder or in it. At rest it is 0.', 'short', [
        { expr: 'watchword_frames_in_flight', legend: 'in flight' },
        {
          expr: 'sum(watchword_frames_received_total) - sum(watchword_frames_encoded_total) - sum(watchword_frames_gated_total) - sum(watchword_frames_dropped_total)',
          legend: 'by the books',
        },
      ]),
      series('Frames dropped', 'A second, by camera and reason. stale: the encoder is the limit.', 'short', [
        {
          expr: `sum by (camera, reason) (${rate('watchword_frames_dropped_total', CAMERA)})`,
          legend: '{{camera}} {{reason}}',
        },
      ]),
      series('Losses', 'Of the connection, in the last hour, by reason.', 'short', [
        {
          expr: `sum by (camera, reason) (increase(watchword_camera_reconnects_total${CAMERA}[1h]))`,
          legend: '{{camera}} {{reason}}',
        },
      ]),
      series('Decoder complaints', 'Lines ffmpeg complained with, a second.', 'short', [
        {
          expr: `sum by (camera) (${rate('watchword_camera_decoder_complaints_total', CAMERA)})`,
          legend: '{{camera}}',
        },
      ]),
    ],
  },
  {
    title: 'Events',
    panels: [
      series('Events begun', 'In the last hour.', 'short', [
        {
          expr: `sum by (camera, event) (increase(watchword_events_total{camera=~"$camera", type="new"}[1h]))`,
          legend: '{{camera}} {{event}}',
        },
      ]),
      series('Changes of events', 'A second, by type.', 'short', [
        { expr: `sum by (type) (${rate('watchword_events_total', CAMERA)})`, legend: '{{type}}' },
      ]),
      {
        ...series('Active', '1 while an event goes on.', 'short', [
          { expr: `watchword_event_active${CAMERA}`, legend: '{{camera}} {{event}}' },
        ]),
        type: 'state-timeline',
      },
      series('Scores', 'Latest smoothed score.', 'percentunit', [
        { expr: `watchword_event_score${CAMERA}`, legend: '{{camera}} {{event}}' },
      ]),
      series('Event latency', 'From the capture of the frame to the broker’s acknowledgement; replays left out.', 's', [
        { expr: quantile(0.5, 'watchword_event_latency_seconds', ''), legend: 'p50' },
        { expr: quantile(0.95, 'watchword_event_latency_seconds', ''), legend: 'p95' },
      ]),
    ],
  },
  {
    title: 'Delivery',
    panels: [
      series('Waiting in the outbox', 'Changes that wait for the broker.', 'short', [
        { expr: 'watchword_outbox_messages', legend: 'changes' },
      ]),
      series('Size of the outbox', 'Of what waits.', 'bytes', [{ expr: 'watchword_outbox_bytes', legend: 'bytes' }]),
      series('Delivered', 'Changes the broker acknowledged, a second.', 'short', [
        { expr: `sum by (replayed) (${rate('watchword_events_delivered_total')})`, legend: 'replayed: {{replayed}}' },
      ]),
      series('MQTT messages', 'A second, by result.', 'short', [
        { expr: `sum by (result) (${rate('watchword_mqtt_messages_total')})`, legend: '{{result}}' },
      ]),
      series(
        'Lost by a bound',
        'Changes dropped from a full outbox in the last hour, and damaged files found.',
        'short',
        [
          { expr: 'sum by (bound) (increase(watchword_outbox_dropped_total[1h]))', legend: '{{bound}}' },
          { expr: 'increase(watchword_outbox_damaged_total[1h])', legend: 'damaged' },
        ],
      ),
      series('Sinks that failed', 'In the last hour.', 'short', [
        { expr: 'sum by (sink) (increase(watchword_sink_failures_total[1h]))', legend: '{{sink}}' },
      ]),
      series('Requests over MQTT', 'A second, by result.', 'short', [
        { expr: `sum by (result) (${rate('watchword_requests_total')})`, legend: '{{result}}' },
      ]),
    ],
  },
  {
    title: 'The process',
    panels: [
      series(
        'Event loop delay',
        '99th percentile between two scrapes. Above 20 ms something blocks the main thread.',
        's',
        [{ expr: 'nodejs_eventloop_lag_p99_seconds', legend: 'p99' }],
      ),
      series('CPU', 'Of this process, 1 is one core; its ffmpeg children are not in it.', 'percentunit', [
        { expr: rate('process_cpu_seconds_total'), legend: 'CPU' },
      ]),
      series('Memory', 'Resident, and the JavaScript heap in it.', 'bytes', [
        { expr: 'process_resident_memory_bytes', legend: 'resident' },
        { expr: 'nodejs_heap_size_used_bytes', legend: 'heap' },
      ]),
      series('Open files', 'Sockets and pipes too. A rise that never ends is a leak.', 'short', [
        { expr: 'process_open_fds', legend: 'open' },
      ]),
      series('Watchdogs', '0 ok, 1 warning, 2 critical.', 'short', [
        { expr: 'watchword_watchdog_state', legend: '{{watchdog}} {{subject}}' },
      ]),
      series('Up for', 'Since the start of the process, and what runs.', 's', [
        {
          expr: '(time() - process_start_time_seconds) * on (instance, job) group_left (version, variant) watchword_build_info',
          legend: '{{version}} {{variant}}',
        },
      ]),
      series('Config reloads', 'In the last hour.', 'short', [
        { expr: 'sum by (result) (increase(watchword_config_reloads_total[1h]))', legend: '{{result}}' },
      ]),
    ],
  },
]

function stat(title: string, about: string, unit: string, expr: string): Panel {
  return { title, about, type: 'stat', unit, queries: [{ expr, legend: title }] }
}

function series(title: string, about: string, unit: string, queries: readonly Query[]): Panel {
  return { title, about, type: 'timeseries', unit, queries }
}
