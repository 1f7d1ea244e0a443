/** The gate: sees on the frame in hand whether the scene is still the one that was encoded last. */

import { defer, map, type OperatorFunction } from 'rxjs'
import type { Frame, MarkedFrame, Signal } from '../types.ts'
import { lumaBlocks } from './gate/blocks.ts'
import { type SceneOptions, type SceneState, sceneStep } from './gate/scene.ts'

export interface MarkStillOptions extends SceneOptions {
  /** False: motion is measured all the same, but no frame is called still. */
  readonly enabled: boolean
}

/**
 * One camera's frames, judged. Nothing is dropped: a still frame flows on and takes the last embedding with it.
 *
 * ```
 * frames   a--a--b--b--b--x--a--|     a, b: scenes; x: offline
 * markStill
 * marked   A--a--B--B--b--x--A--|     capitals: to be encoded
 * ```
 *
 * The first calm frame after motion is encoded, too: what the last moving one showed may have left the picture.
 * A camera that was lost begins anew, and so does one whose clock jumps back.
 */
export function markStill(options: MarkStillOptions): OperatorFunction<Signal<Frame>, Signal<MarkedFrame>> {
  return source =>
    defer(() => {
      let state: SceneState | null = null
      return source.pipe(
        map(signal => {
          if (signal.kind === 'status') {
            if (signal.state !== 'online') state = null
            return signal
          }
          const [next, judged] = sceneStep(state, lumaBlocks(signal.pixels, signal.size), signal.capturedAt, options)
          state = next
          return { ...signal, ...judged, still: judged.still && options.enabled }
        }),
      )
    })
}
