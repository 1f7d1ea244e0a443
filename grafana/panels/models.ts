/** The dashboard *Model variants*: what does each variant cost, and do they agree? */

import {
  type Dashboard,
  FRAMES_PER_SECOND,
  heatmap,
  lastHour,
  of,
  quantiles,
  rate,
  series,
  sumBy,
  VARIANT,
} from '../panel.ts'

const frames = sumBy('variant', rate('watchword_inference_batch_size_sum', VARIANT))
const batches = sumBy('variant', rate('watchword_inference_batch_size_count', VARIANT))
const busy = sumBy('variant', rate('watchword_inference_seconds_sum', VARIANT))
const legend = '{{instance}} {{variant}}'

export const MODELS: Dashboard = {
  name: 'models',
  title: 'Watchword: Model variants',
  about: 'Latency, throughput and agreement of the model variants: the one that decides, and its shadows.',
  variables: ['variant'],
  rows: [
    {
      title: 'Latency of a batch',
      panels: [
        heatmap(
          'Latency heatmap',
          's',
          'How the time of a batch spreads. Choose one variant and one instance above: several are added up.',
          'watchword_inference_seconds',
          VARIANT,
        ),
        series(
          'Latency quantiles',
          's',
          'Time of one batch, not of one frame.',
          ...quantiles('watchword_inference_seconds', 'variant', [VARIANT], [0.5, 0.95, 0.99]),
        ),
        series(
          'Stages',
          's',
          '95th percentile of the time that a frame waits and is encoded, and that a change takes to be published.',
          ...quantiles('watchword_stage_seconds', 'stage', [], [0.95]),
        ),
      ],
    },
    {
      title: 'Throughput',
      panels: [
        series('Throughput', FRAMES_PER_SECOND, 'Frames encoded. A shadow sees a fraction of the frames only.', {
          expr: frames,
          legend,
        }),
        series('Capacity', FRAMES_PER_SECOND, 'What the variant could encode if it ran all the time.', {
          expr: `${frames} / ${busy}`,
          legend,
        }),
        series('Encoder busy', 'percentunit', 'Fraction of the time that is spent in the model.', {
          expr: busy,
          legend,
        }),
      ],
    },
    {
      title: 'Batches',
      panels: [
        series('Mean batch size', 'short', 'At the configured maximum, the encoder is the limit.', {
          expr: `${frames} / ${batches}`,
          legend,
        }),
        heatmap('Batch sizes', 'short', 'How the size of a batch spreads.', 'watchword_inference_batch_size', VARIANT),
        series('Encoded for events', FRAMES_PER_SECOND, 'By the variant that decides; shadows are left out.', {
          expr: sumBy('variant', rate('watchword_frames_encoded_total', VARIANT)),
          legend,
        }),
      ],
    },
    {
      title: 'Agreement and faults',
      panels: [
        series(
          'Agreement',
          'short',
          'Smallest cosine of a shadow’s embedding to the deciding one, in the last batch. 1: the same.',
          { expr: of('watchword_shadow_cosine_min', VARIANT), legend },
        ),
        series('Encoder crashes', 'short', 'In the last hour.', {
          expr: sumBy('variant', lastHour('watchword_encoder_crashes_total', VARIANT)),
          legend,
        }),
      ],
    },
  ],
}
