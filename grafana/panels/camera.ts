/** The dashboard *Camera*: what does a camera deliver, where do its frames go, what is seen in them? */

import {
  CAMERA,
  type Dashboard,
  EVENT,
  FRAMES_PER_SECOND,
  lastHour,
  of,
  rate,
  series,
  sumBy,
  timeline,
} from '../panel.ts'

const legend = '{{instance}} {{camera}}'

export const CAMERAS: Dashboard = {
  name: 'camera',
  title: 'Watchword: Camera',
  about: 'What a camera delivers, where its frames go, and what is seen in them.',
  variables: ['camera', 'event'],
  rows: [
    {
      title: 'Connection',
      panels: [
        timeline('Up', ['red', 'green'], '1 while frames come.', { expr: of('watchword_camera_up', CAMERA), legend }),
        timeline(
          'Switched on',
          ['gray', 'green'],
          '0: switched off in the config or over MQTT, or the file has ended.',
          {
            expr: of('watchword_camera_enabled', CAMERA),
            legend,
          },
        ),
        timeline('Picture problems', ['green', 'red'], '1 while the picture is frozen or dark although frames come.', {
          expr: of('watchword_camera_problem', CAMERA),
          legend: `${legend} {{problem}}`,
        }),
        series('Age of the last frame', 's', 'Grows while a camera stalls.', {
          expr: `time() - ${of('watchword_camera_last_frame_timestamp_seconds', CAMERA)}`,
          legend,
        }),
        series('Losses', 'short', 'Lost connections in the last hour, by reason.', {
          expr: `${sumBy('camera, reason', lastHour('watchword_camera_reconnects_total', CAMERA))} > 0`,
          legend: `${legend} {{reason}}`,
        }),
        series('Decode errors', 'cps', 'Lines of ffmpeg about frames it could not decode.', {
          expr: sumBy('camera', rate('watchword_camera_decode_errors_total', CAMERA)),
          legend,
        }),
      ],
    },
    {
      title: 'Frames',
      panels: [
        series('Frames received', FRAMES_PER_SECOND, 'Sampled at the rate that the config asks for.', {
          expr: sumBy('camera', rate('watchword_frames_received_total', CAMERA)),
          legend,
        }),
        series('Frames reused', FRAMES_PER_SECOND, 'Nothing had changed: the last embedding was used again.', {
          expr: sumBy('camera', rate('watchword_frames_skipped_total', CAMERA)),
          legend,
        }),
        series('Frames dropped', FRAMES_PER_SECOND, 'By reason. stale: the encoder is the limit.', {
          expr: `${sumBy('camera, reason', rate('watchword_frames_dropped_total', CAMERA))} > 0`,
          legend: `${legend} {{reason}}`,
        }),
        {
          ...series(
            'Where frames go',
            FRAMES_PER_SECOND,
            'Of all cameras of an instance: received = encoded + reused + dropped + in flight.',
            { expr: sumBy('', rate('watchword_frames_encoded_total')), legend: '{{instance}} encoded' },
            { expr: sumBy('', rate('watchword_frames_skipped_total')), legend: '{{instance}} reused' },
            {
              expr: sumBy('reason', rate('watchword_frames_dropped_total')),
              legend: '{{instance}} dropped: {{reason}}',
            },
          ),
          stacked: true,
        },
        series(
          'Crops and zones',
          FRAMES_PER_SECOND,
          'By what became of them. load: crops that would have delayed cameras.',
          {
            expr: `${sumBy('camera, view, outcome', rate('watchword_views_total', CAMERA))} > 0`,
            legend: `${legend} {{view}} {{outcome}}`,
          },
        ),
        series(
          'Frames in flight',
          'short',
          'Waiting for the encoder or in it. Both lines must agree.',
          { expr: sumBy('', of('watchword_frames_in_flight')), legend: '{{instance}}' },
          {
            expr: [
              sumBy('', of('watchword_frames_received_total')),
              sumBy('', of('watchword_frames_encoded_total')),
              sumBy('', of('watchword_frames_skipped_total')),
              sumBy('', of('watchword_frames_dropped_total')),
            ].join(' - '),
            legend: '{{instance}} counted',
          },
        ),
      ],
    },
    {
      title: 'Events',
      panels: [
        timeline('Active', ['transparent', 'blue'], '1 while an event goes on.', {
          expr: of('watchword_event_active', CAMERA, EVENT),
          legend: `${legend} {{event}}`,
        }),
        series('Scores', 'percentunit', 'Latest smoothed score.', {
          expr: of('watchword_event_score', CAMERA, EVENT),
          legend: `${legend} {{event}}`,
        }),
        series(
          'Calibration',
          'short',
          'What decides the scores: 0 prior, 1 learning, 2 learned, 3 common (the event looks like what the camera usually shows), 4 model.',
          { expr: of('watchword_event_calibration', CAMERA, EVENT), legend: `${legend} {{event}}` },
        ),
        series('Images in the bank', 'short', 'What the camera usually shows is learned from these, by light.', {
          expr: of('watchword_bank_images', CAMERA),
          legend: `${legend} {{light}}`,
        }),
        series('Stored vectors', 'short', 'In the last hour; near copies have none of their own.', {
          expr: sumBy('camera', lastHour('watchword_history_vectors_total', CAMERA)),
          legend,
        }),
        series('Stored thumbnails', 'short', 'In the last hour.', {
          expr: sumBy('camera', lastHour('watchword_history_thumbnails_total', CAMERA)),
          legend,
        }),
        series('Stored frames', 'short', 'In the history, in the last hour.', {
          expr: sumBy('camera', lastHour('watchword_history_frames_total', CAMERA)),
          legend,
        }),
        series('Frames missing in the history', 'short', 'In the last hour, by reason.', {
          expr: sumBy('camera, reason', lastHour('watchword_history_skipped_total', CAMERA)),
          legend: `${legend} {{reason}}`,
        }),
        series('Events begun', 'short', 'In the last hour.', {
          expr: sumBy('camera, event', lastHour('watchword_event_changes_total', CAMERA, EVENT, 'type="new"')),
          legend: `${legend} {{event}}`,
        }),
      ],
    },
  ],
}
