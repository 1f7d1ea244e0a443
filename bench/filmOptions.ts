/** Options of a pipeline for one film: nothing is dropped, sixteen events with a shared background, random vectors. */

import type { WatchState } from '../src/operators/watchState.ts'
import type { PipelineOptions } from '../src/pipeline.ts'
import { createRandom } from '../src/util/random.ts'

/** Of the embeddings. */
export const DIM = 512

export function filmOptions(maxBatch: number): PipelineOptions {
  return {
    watchState: watchStateOfSixteen(),
    scoring: 'two-way',
    maxBatch,
    maxQueueDelayMs: 100,
    lossless: true,
    updateEveryMs: 2000,
    gapMs: 30_000,
  }
}

function watchStateOfSixteen(): WatchState {
  const random = createRandom('texts')
  const vector = () => Float32Array.from({ length: DIM }, () => random.normal(0, 1 / Math.sqrt(DIM)))
  const names = Array.from({ length: 16 }, (_, i) => `event${i}`)
  const background = Array.from({ length: 12 }, vector)
  const trigger = {
    threshold: 0.5,
    releaseThreshold: 0.35,
    minOnMs: 1000,
    minOffMs: 2000,
    cooldownMs: 0,
    maxDurationMs: 3.6e6,
  }
  const motion = { enabled: false, threshold: 0.004, refreshMs: 10_000 }
  return {
    cameras: [{ camera: 'film', enabled: true, revision: '1', motion, events: names }],
    events: names.map(event => ({ event, enabled: true, tauMs: 1000, rule: { rule: 'present', trigger } })),
    texts: {
      variant: 'fake',
      logitScale: 100,
      calibration: { centre: 0, width: 2 },
      events: names.map(event => ({
        event,
        positive: vector(),
        contrast: [...background, vector(), vector(), vector()],
        levels: null,
      })),
    },
  }
}
