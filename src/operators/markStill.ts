/** Change detection: marks frames that show the same scene as the last encoded frame, and the light they were taken in. */

import { defer, map, type OperatorFunction } from 'rxjs'
import type { Frame, MarkedFrame, Signal } from '../types.ts'
import { brightnessOf, type LightState, lightStep } from './markStill/lightStep.ts'
import { lumaBlocks } from './markStill/lumaBlocks.ts'
import { type SceneOptions, type SceneState, sceneStep } from './markStill/sceneStep.ts'

export interface MarkStillOptions extends SceneOptions {
  /** False: motion is still measured, but no frame is marked as still. */
  readonly enabled: boolean
}

/**
 * Marks the frames of one camera. Nothing is dropped: a still frame flows on and reuses the last embedding.
 *
 * ```
 * frames   a--a--b--b--b--x--a--|     a, b: scenes; x: offline
 * markStill
 * marked   A--a--B--B--b--x--A--|     capitals: to be encoded
 * ```
 *
 * The first calm frame after motion is also encoded: what moved may have left the image.
 * After a loss, or when its clock jumps back, a camera starts again without history.
 */
export function markStill(options: MarkStillOptions): OperatorFunction<Signal<Frame>, Signal<MarkedFrame>> {
  return source =>
    defer(() => {
      let state: SceneState | null = null
      let lit: LightState | null = null
      return source.pipe(
        map(signal => {
          if (signal.kind === 'status') {
            if (signal.state !== 'online') {
              state = null
              lit = null
            }
            return signal
          }
          const { pixels, size, capturedAt } = signal
          lit = lightStep(lit, brightnessOf(pixels, size), capturedAt)
          const [next, judged] = sceneStep(state, lumaBlocks(pixels, size), capturedAt, options)
          state = next
          return { ...signal, ...judged, still: judged.still && options.enabled, light: lit.light, views: [] }
        }),
      )
    })
}
