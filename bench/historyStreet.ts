/** The demo's street at one frame a second, encoded with the bundled model as `run` does, without a video in between. */

import { EMPTY, NEVER } from 'rxjs'
import { startEngine } from '../src/commands/startEngine.ts'
import { FRAME_GAP_MS, thresholdsOf, watchStateOf } from '../src/commands/watchStateOf.ts'
import { cameraSchema } from '../src/config/cameraSchema.ts'
import { modelSchema } from '../src/config/configSchema.ts'
import { DEFAULT_EVENTS, readLibrary } from '../src/config/promptLibrary.ts'
import { resolveEvents } from '../src/config/resolveEvents.ts'
import { createWorld } from '../src/demo/world/createWorld.ts'
import { DEFAULT_VIDEO } from '../src/demo/world/world.ts'
import { pipeline } from '../src/pipeline.ts'
import type { EncodedFrame, Frame } from '../src/types.ts'
import { resizeBicubic } from '../src/util/resizeBicubic.ts'
import type { Rig } from './rig.ts'

export interface EncodedStreet {
  readonly frames: readonly EncodedFrame[]
  /** Per frame: whether a score was above half of its threshold. */
  readonly nearEvent: readonly boolean[]
  readonly dim: number
  /** One per event: its phrase minus the mean of its contrasts, as a search would ask. */
  readonly directions: readonly Float32Array[]
}

const START = Date.UTC(2026, 0, 1)

export async function encodeStreet(rig: Rig, minutes: number): Promise<EncodedStreet> {
  const config = {
    model: modelSchema.parse({ name: 'demo', variant: 'int8' }),
    cameras: { street: cameraSchema.parse({ url: 'demo:street' }) },
    events: resolveEvents(DEFAULT_EVENTS, readLibrary()),
  }
  const telemetry = { emit: () => {} }
  const engine = await startEngine(config.model, { dataDir: await rig.data(), telemetry, onStep: () => {} })
  try {
    const texts = await engine.texts(config.events)
    const thresholds = thresholdsOf(config.events)
    const frames: EncodedFrame[] = []
    const nearEvent: boolean[] = []
    const timing = { maxBatch: 8, maxQueueDelayMs: 0, lossless: true, updateEveryMs: 0, gapMs: FRAME_GAP_MS }
    await pipeline(
      { watchState: watchStateOf(config, texts), scoring: 'two-way', ...timing },
      {
        open: () => draw(minutes * 60, engine.encoder.imageSize),
        encoder: engine.encoder,
        telemetry,
        commands$: EMPTY,
        stop$: NEVER,
        onEncoded: signal => void (signal.kind === 'frame' && frames.push(signal)),
      },
    ).forEach(outcome => {
      if (outcome.kind !== 'frame') return
      nearEvent.push(Object.entries(outcome.scores).some(([event, score]) => score >= (thresholds[event] ?? 1) / 2))
    })
    const directions = texts.events.map(({ positive, contrast }) =>
      positive.map((value, i) => value - contrast.reduce((sum, vector) => sum + (vector[i] ?? 0), 0) / contrast.length),
    )
    return { frames, nearEvent, dim: engine.encoder.dim, directions }
  } finally {
    await engine.encoder.close()
  }
}

async function* draw(seconds: number, size: number): AsyncGenerator<Frame> {
  const { width, height } = DEFAULT_VIDEO
  const scene = { view: 'street', light: 'day', weather: 'clear', seed: 'history' } as const
  const world = createWorld({ ...scene, startTime: START, durationSeconds: Math.max(60, seconds), width, height })
  const resize = resizeBicubic({ width, height }, size)
  for (let second = 0; second < seconds; second++) {
    const drawn = world.draw(second)
    yield {
      kind: 'frame',
      camera: 'street',
      seq: second,
      capturedAt: START + 1000 * second,
      pixels: resize(new Uint8ClampedArray(drawn)),
      size,
      jpeg: null,
      detail: null,
      zoneImages: new Map(),
      problem: null,
    }
  }
}
