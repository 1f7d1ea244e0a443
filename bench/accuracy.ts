/** What the bundled model finds in the demo’s scenes, and when: in scenes that were not used for tuning, and in those that were. */

import {
  developmentScenes,
  heldOutScenes,
  judge,
  MEASURED,
  type Recording,
  record,
  type Scene,
} from '../test/support/accuracy.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const COLUMNS = [
  'variant',
  'event',
  'true',
  'found',
  'precision',
  'recall',
  'F1',
  'onset, median',
  'start, median',
  'false alarms an hour',
]

/** Four hours of scenes that neither training nor tuning has seen. */
export async function benchAccuracy(rig: Rig): Promise<Measurement> {
  const [count, seconds] = [80, 180]
  const rows = await measure(rig, heldOutScenes(count, seconds), ['fp32', 'int8'])
  return {
    name: 'accuracy',
    title: 'Events against the truth, on held-out seeds',
    method: `${count} scenes of ${seconds} s from the demo’s world (three views, five kinds of light and weather), rendered and read by \`detect\` at 4 frames a second. A find is a pair of a found and a true span that share at least half of their union; onset is the delay until it was published, start the delay of its date (start_time; negative: before it); a false alarm touches no true span. Truth as in docs/demo.md: a crowd begins with six people seen and lasts while six can be made out. The rows “six seen throughout” hold the same finds against the narrower truth that ends a crowd whenever fewer than six are seen.`,
    columns: COLUMNS,
    rows,
    notes: [
      'Targets: F1 ≥ 0.9, onset ≤ 2 s, at most one false alarm an hour, int8 within 0.01 of fp32. The model knows the demo’s world and no other.',
    ],
  }
}

/** The scenes that rules and thresholds were chosen on. */
export async function benchDevelopment(rig: Rig): Promise<Measurement> {
  const scenes = developmentScenes()
  const rows = await measure(rig, scenes, ['fp32'])
  return {
    name: 'development',
    title: 'Events against the truth, on the seeds they were tuned on',
    method: `${scenes.length} scenes of three or four minutes, otherwise as above. Rules and thresholds were chosen on these: what counts is the table above.`,
    columns: COLUMNS,
    rows,
    notes: [],
  }
}

/** A row of COLUMNS for each variant and event. */
async function measure(rig: Rig, scenes: readonly Scene[], variants: readonly string[]): Promise<Measurement['rows']> {
  process.env.WATCHWORD_DATA = await rig.data()
  const recordings: Recording[] = []
  for (const scene of scenes) recordings.push(await record(scene, rig.dir))
  const hours = scenes.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 3600
  const rows: (readonly (string | number)[])[] = []
  for (const variant of variants) {
    const report = await judge(recordings, variant)
    for (const event of MEASURED) {
      const { truths, found, precision, recall, f1, onsetMs, startMs, falseAlarms } = report[event]
      const shares = [precision, recall, f1].map(share => share.toFixed(3))
      const delays = [onsetMs, startMs].map(ms => `${(ms / 1000).toFixed(2)} s`)
      rows.push([variant, event, truths, found, ...shares, ...delays, (falseAlarms / hours).toFixed(1)])
    }
  }
  return rows
}
