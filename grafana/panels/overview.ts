/** The dashboard *Overview*: is everything well, in every instance? */

import { type Dashboard, FRAMES_PER_SECOND, lastHour, of, rate, series, stat, sumBy, timeline } from '../panel.ts'

/** Metrics that other programs have too are taken of Watchword's instances only. */
const ofWatchword = (expr: string) => `${expr} and on (job, instance) watchword_build_info`

export const OVERVIEW: Dashboard = {
  name: 'overview',
  title: 'Watchword: Overview',
  about: 'Whether everything is well, in every instance.',
  variables: [],
  rows: [
    {
      title: 'Now',
      panels: [
        stat(
          'Instances',
          'short',
          'Watchwords that answer Prometheus.',
          `count(count by (job, instance) (${of('watchword_build_info')}))`,
          {
            redBelow: 1,
          },
        ),
        stat('Cameras up', 'short', 'Cameras that deliver frames.', `sum(${of('watchword_camera_up')})`),
        stat(
          'Cameras down',
          'short',
          'Cameras that are to deliver frames and do not. Cameras that are switched off do not count.',
          `sum((${of('watchword_camera_up')} == bool 0) * ${of('watchword_camera_enabled')})`,
          { redFrom: 1 },
        ),
        stat('Active events', 'short', 'Events that go on now.', `sum(${of('watchword_event_active')})`),
        stat(
          'Brokers away',
          'short',
          'Instances without a connection to their MQTT broker. Their events wait on disk.',
          `sum(${of('watchword_mqtt_connected')} == bool 0)`,
          { redFrom: 1 },
        ),
        stat(
          'Waiting',
          'short',
          'Changes of events that wait for a broker.',
          `sum(${of('watchword_outbox_messages')})`,
          {
            redFrom: 100,
          },
        ),
      ],
    },
    {
      title: 'Health',
      panels: [
        timeline(
          'Health checks',
          ['green', 'orange', 'red'],
          '0 ok, 1 warning, 2 critical. What each check means is in docs/metrics.md.',
          {
            expr: of('watchword_health_check_state'),
            legend: '{{instance}} {{check}} {{subject}}',
          },
        ),
        series('Frames encoded', FRAMES_PER_SECOND, 'Of all cameras of an instance; shadow variants are left out.', {
          expr: sumBy('', rate('watchword_frames_encoded_total')),
          legend: '{{instance}}',
        }),
        series('Events begun', 'short', 'In the last hour.', {
          expr: sumBy('event', lastHour('watchword_event_changes_total', 'type="new"')),
          legend: '{{instance}} {{event}}',
        }),
      ],
    },
    {
      title: 'The process',
      panels: [
        series(
          'Event loop lag',
          's',
          '99th percentile between two scrapes. Above 20 ms something blocks the main thread.',
          { expr: ofWatchword(of('nodejs_eventloop_lag_p99_seconds')), legend: '{{instance}}' },
        ),
        series('CPU', 'percentunit', '100 % is one core. The ffmpeg child processes are not included.', {
          expr: ofWatchword(rate('process_cpu_seconds_total')),
          legend: '{{instance}}',
        }),
        series(
          'Memory',
          'bytes',
          'Resident memory, and the JavaScript heap in it. The ffmpeg child processes are not included.',
          { expr: ofWatchword(of('process_resident_memory_bytes')), legend: '{{instance}} resident' },
          { expr: ofWatchword(of('nodejs_heap_size_used_bytes')), legend: '{{instance}} heap' },
        ),
        series('Open files', 'short', 'Files, sockets and pipes. A value that only rises is a leak.', {
          expr: ofWatchword(of('process_open_fds')),
          legend: '{{instance}}',
        }),
        series('Uptime', 's', 'Since the start of the process, with version and variant.', {
          expr: `(time() - ${of('process_start_time_seconds')}) * on (job, instance) group_left (version, variant) watchword_build_info`,
          legend: '{{instance}} {{version}} {{variant}}',
        }),
        series('Config reloads', 'short', 'In the last hour, by result.', {
          expr: sumBy('result', lastHour('watchword_config_reloads_total')),
          legend: '{{instance}} {{result}}',
        }),
      ],
    },
  ],
}
