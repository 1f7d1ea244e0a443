/** Cameras that are watched for light, without smoothing, and what an encoder of the tests sees in a frame. */

import type { WatchState } from '../../src/operators/watchState.ts'

const trigger = {
  threshold: 0.6,
  releaseThreshold: 0.4,
  minOnMs: 0,
  minOffMs: 0,
  cooldownMs: 0,
  maxDurationMs: 3_600_000,
}

/** Bright frames score near 1, dark ones near 0. */
export function watchForLight(cameras: readonly string[]): WatchState {
  const motion = { enabled: true, threshold: 0.004, refreshMs: 10_000 }
  return {
    cameras: cameras.map(camera => ({ camera, enabled: true, revision: '1', motion, events: ['light'] })),
    events: [{ event: 'light', enabled: true, tauMs: 0, rule: { rule: 'present', trigger } }],
    texts: {
      variant: 'fake',
      logitScale: 10,
      calibration: { centre: 0, width: 2 },
      events: [{ event: 'light', positive: Float32Array.of(1, 0), contrast: [Float32Array.of(0, 1)], levels: null }],
    },
  }
}

/** The embedding of a frame: [1, 0] for light, [0, 1] for none. */
export const see = (pixels: Uint8Array): readonly number[] => ((pixels[0] ?? 0) > 128 ? [1, 0] : [0, 1])
