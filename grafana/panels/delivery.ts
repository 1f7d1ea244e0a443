/** The dashboard *Delivery*: do events reach the broker, and how fast? */

import {
  type Dashboard,
  heatmap,
  lastHour,
  of,
  PER_SECOND,
  quantiles,
  rate,
  series,
  sumBy,
  timeline,
} from '../panel.ts'

export const DELIVERY: Dashboard = {
  name: 'delivery',
  title: 'Watchword: Delivery',
  about: 'Whether events reach the broker, how fast, and what waits or was lost.',
  variables: [],
  rows: [
    {
      title: 'From the frame to the broker',
      panels: [
        heatmap(
          'Event latency heatmap',
          's',
          'From the capture of the frame to the broker’s acknowledgement; changes sent late after an outage are left out.',
          'watchword_event_latency_seconds',
        ),
        series(
          'Event latency',
          's',
          'From the capture of the frame to the broker’s acknowledgement; changes sent late after an outage are left out.',
          ...quantiles('watchword_event_latency_seconds', '', [], [0.5, 0.95, 0.99]),
        ),
        series('Changes of events', PER_SECOND, 'By type: new, update, end.', {
          expr: sumBy('type', rate('watchword_event_changes_total')),
          legend: '{{instance}} {{type}}',
        }),
      ],
    },
    {
      title: 'Broker',
      panels: [
        timeline('Connected', ['red', 'green'], '1 while connected to the broker.', {
          expr: of('watchword_mqtt_connected'),
          legend: '{{instance}}',
        }),
        series('Delivered', PER_SECOND, 'Changes that the broker acknowledged. replayed: after an outage.', {
          expr: sumBy('replayed', rate('watchword_event_changes_delivered_total')),
          legend: '{{instance}} replayed: {{replayed}}',
        }),
        series('MQTT messages', PER_SECOND, 'All messages, by result.', {
          expr: sumBy('result', rate('watchword_mqtt_messages_total')),
          legend: '{{instance}} {{result}}',
        }),
        series('Requests over MQTT', PER_SECOND, 'By result.', {
          expr: sumBy('result', rate('watchword_requests_total')),
          legend: '{{instance}} {{result}}',
        }),
      ],
    },
    {
      title: 'What waits, and what was lost',
      panels: [
        series('Waiting in the outbox', 'short', 'Changes that wait for the broker.', {
          expr: of('watchword_outbox_messages'),
          legend: '{{instance}}',
        }),
        series('Age of the oldest change', 's', 'How long the oldest change has waited for the broker.', {
          expr: of('watchword_outbox_oldest_seconds'),
          legend: '{{instance}}',
        }),
        series('Size of the outbox', 'bytes', 'Size of the changes that wait.', {
          expr: of('watchword_outbox_bytes'),
          legend: '{{instance}}',
        }),
        series('Size of the history', 'bytes', 'What the model saw, of all cameras; bounded by the config.', {
          expr: of('watchword_history_bytes'),
          legend: '{{instance}}',
        }),
        series(
          'Lost changes',
          'short',
          'In the last hour: changes dropped because the outbox was full, by bound, or too large for the broker, and damaged outbox files.',
          {
            expr: sumBy('bound', lastHour('watchword_outbox_dropped_total')),
            legend: '{{instance}} {{bound}}',
          },
          { expr: sumBy('', lastHour('watchword_outbox_damaged_total')), legend: '{{instance}} damaged' },
          { expr: sumBy('', lastHour('watchword_event_changes_set_aside_total')), legend: '{{instance}} too large' },
        ),
        series(
          'Skipped records of event traces',
          'short',
          'In the last hour, by reason: `explain` shows less of these events.',
          {
            expr: sumBy('reason', lastHour('watchword_trace_records_skipped_total')),
            legend: '{{instance}} {{reason}}',
          },
        ),
        series('Failures to write', 'short', 'In the last hour, by what writes: outbox, journal, snapshots.', {
          expr: sumBy('sink', lastHour('watchword_sink_failures_total')),
          legend: '{{instance}} {{sink}}',
        }),
      ],
    },
  ],
}
