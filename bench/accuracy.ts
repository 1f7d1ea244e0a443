/** What the bundled model finds in an hour of scenes that it has never seen, and when. */

import { DEFAULT_EVENTS } from '../src/config/library.ts'
import { heldOutScenes, judge, type Recording, record } from '../test/support/accuracy.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const SCENES = 20
const SECONDS = 180
const VARIANTS = ['fp32', 'int8'] as const

export async function benchAccuracy(rig: Rig): Promise<Measurement> {
  process.env.WATCHWORD_DATA = await rig.data()
  const recordings: Recording[] = []
  for (const scene of heldOutScenes(SCENES, SECONDS)) recordings.push(await record(scene, rig.dir))
  const hours = (SCENES * SECONDS) / 3600
  const rows: (readonly (string | number)[])[] = []
  for (const variant of VARIANTS) {
    const report = await judge(recordings, variant)
    for (const event of DEFAULT_EVENTS) {
      const { truths, found, precision, recall, f1, onsetMs, falseAlarms } = report[event]
      rows.push([
        variant,
        event,
        truths,
        found,
        ...[precision, recall, f1].map(share => share.toFixed(3)),
        `${(onsetMs / 1000).toFixed(1)} s`,
        (falseAlarms / hours).toFixed(1),
      ])
    }
  }
  return {
    name: 'accuracy',
    title: 'Events against the truth, on held-out seeds',
    method: `${SCENES} scenes of ${SECONDS} s from the demo’s world (three views, five kinds of light and weather), rendered and read by \`detect\` at 4 frames a second. A find is a pair of a found and a true span that share at least half of their union; onset is when it was found to begin after it began; a false alarm touches no true span.`,
    columns: [
      'variant',
      'event',
      'true',
      'found',
      'precision',
      'recall',
      'F1',
      'onset, median',
      'false alarms an hour',
    ],
    rows,
    notes: [
      'Targets: F1 ≥ 0.9, onset ≤ 2 s, at most one false alarm an hour, int8 within 0.01 of fp32. The model knows the demo’s world and no other.',
    ],
  }
}
