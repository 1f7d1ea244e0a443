/** A camera that was just added: what it finds while it learns what it usually sees, in the demo's world. */

import { EMPTY, NEVER } from 'rxjs'
import { createQuietBanks } from '../src/bank/quietBanks.ts'
import { createFindings } from '../src/commands/detect/findings.ts'
import { startEngine } from '../src/commands/startEngine.ts'
import { FRAME_GAP_MS, watchStateOf } from '../src/commands/watchStateOf.ts'
import { cameraSchema } from '../src/config/cameraSchema.ts'
import { modelSchema } from '../src/config/configSchema.ts'
import { DEFAULT_EVENTS, readLibrary } from '../src/config/promptLibrary.ts'
import { resolveEvents } from '../src/config/resolveEvents.ts'
import { evaluateSpans, type FoundEvent } from '../src/eval/evaluateSpans.ts'
import { foundEvents } from '../src/eval/foundEvents.ts'
import { readCalibration } from '../src/models/readCalibration.ts'
import { pipeline } from '../src/pipeline.ts'
import { readFile } from '../src/sources/file.ts'
import { createRedactor } from '../src/util/redactor.ts'
import { record } from '../test/support/accuracy.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const MINUTES = 10
const FPS = 4
const CAMERA = 'camera'
/** `cycle` changes from day to dusk, night and infrared every 75 s, so that eight changes of light are in it. */
const SCENES = [
  ['noon', 'day', 'street'],
  ['dusk', 'dusk', 'crossing'],
  ['changes, to infrared twice', 'cycle', 'plaza'],
] as const

const SCENE = { weather: 'clear', durationSeconds: MINUTES * 60 } as const
/** As shipped, or as an uncalibrated model, so that the camera's images decide. */
const CALIBRATIONS = ['its own', 'none: learned'] as const

export async function benchFirstMinutes(rig: Rig): Promise<Measurement> {
  process.env.WATCHWORD_DATA = await rig.data()
  const rows: (readonly (string | number)[])[] = []
  for (const [name, light, view] of SCENES) {
    const recording = await record({ ...SCENE, seed: `new-camera-${view}-${light}`, view, light }, rig.dir)
    for (const calibration of CALIBRATIONS) {
      const found = await watch(recording.video, { rig, calibration })
      for (const event of DEFAULT_EVENTS) {
        const result = evaluateSpans(recording.truths[event], found.get(event) ?? [])
        const { truths, matched, precision, recall, f1, falseAlarms } = result
        const fractions = [precision, recall, f1].map(fraction => fraction.toFixed(3))
        rows.push([name, calibration, event, truths, matched, ...fractions, falseAlarms])
      }
    }
  }
  return {
    name: 'first-minutes',
    title: 'The first ten minutes of a new camera',
    method: `Three scenes of the demo’s world, ${MINUTES} minutes each from an empty bank on, read at ${FPS} frames a second with the gate on and the bundled model, int8. Calibration “its own”: as shipped, nothing is learned. “none: learned”: the default calibration of an uncalibrated model; the camera’s images decide as soon as there are enough. Held-out seeds.`,
    columns: ['light', 'calibration', 'event', 'true', 'found', 'precision', 'recall', 'F1', 'false alarms'],
    rows,
    notes: ['Target: no false alarm.'],
  }
}

interface WatchOptions {
  readonly rig: Rig
  readonly calibration: (typeof CALIBRATIONS)[number]
}

/** The live path over a video: gate, bank and rules, with each fit made at once. */
async function watch(video: string, { rig, calibration }: WatchOptions): Promise<Map<string, FoundEvent[]>> {
  const config = {
    model: modelSchema.parse({ name: 'demo', variant: 'int8' }),
    cameras: { [CAMERA]: cameraSchema.parse({ url: video }) },
    events: resolveEvents(DEFAULT_EVENTS, readLibrary()),
  }
  const telemetry = { emit: () => {} }
  const engine = await startEngine(config.model, { dataDir: await rig.data(), telemetry, onStep: () => {} })
  try {
    const own = await engine.texts(config.events)
    const uncalibrated = await readCalibration(rig.dir, own.logitScale)
    const texts = calibration === 'its own' ? own : { ...own, calibration: uncalibrated }
    const queue = { push: (_: string, work: () => void) => work(), close: () => {} }
    const memory = createQuietBanks({ dim: engine.encoder.dim, texts: () => texts, queue, telemetry })
    const read = { camera: CAMERA, size: engine.encoder.imageSize, fit: 'stretch', snapshot: null } as const
    const open = () =>
      readFile(
        { ...read, path: video, sampling: { fps: FPS }, maxFrames: null, inputFps: null },
        { ffmpeg: rig.ffmpeg, telemetry, redact: createRedactor() },
      )
    const findings = createFindings()
    const timing = { maxBatch: 8, maxQueueDelayMs: 0, lossless: true, updateEveryMs: 0, gapMs: FRAME_GAP_MS }
    await pipeline(
      { watchState: watchStateOf(config, texts), scoring: 'two-way', ...timing },
      { open, encoder: engine.encoder, telemetry, memory, commands$: EMPTY, stop$: NEVER },
    ).forEach(outcome => {
      findings.take(outcome)
    })
    return foundEvents(findings.found)
  } finally {
    await engine.encoder.close()
  }
}
