/** Change detection: marks frames and views that show the same as when they were last encoded; chooses the views. */

import { defer, map, type OperatorFunction } from 'rxjs'
import type { Frame, MarkedFrame, Signal } from '../types.ts'
import { hiddenBlocks } from './markStill/hiddenBlocks.ts'
import { brightnessOf, type LightState, lightStep } from './markStill/lightStep.ts'
import { type Hidden, lumaBlocks, wholeGrid } from './markStill/lumaBlocks.ts'
import { type SceneOptions, type SceneState, sceneStep } from './markStill/sceneStep.ts'
import type { ViewOptions } from './views/viewOptions.ts'
import { type ViewState, viewStep } from './views/viewStep.ts'

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
export function markStill(
  options: MarkStillOptions,
  views: ViewOptions = WHOLE_IMAGE_ALONE,
): OperatorFunction<Signal<Frame>, Signal<MarkedFrame>> {
  return source =>
    defer(() => {
      let state: SceneState | null = null
      let viewState: ViewState | null = null
      let lit: LightState | null = null
      const hiddenOf = rememberHidden(views.masks ?? [])
      return source.pipe(
        map(signal => {
          if (signal.kind === 'status') {
            if (signal.state !== 'online') {
              state = null
              viewState = null
              lit = null
            }
            return signal
          }
          const { pixels, size, capturedAt } = signal
          const hidden = hiddenOf(size)
          lit = lightStep(lit, brightnessOf(pixels, size, hidden), capturedAt)
          const blocks = lumaBlocks(pixels, { width: size, height: size }, wholeGrid(size))
          const [next, judged] = sceneStep(state, blocks, capturedAt, { ...options, hidden })
          state = next
          const marked = { ...signal, ...judged, still: judged.still && options.enabled, light: lit.light }
          if (views.zones.length === 0 && (views.crops === 0 || signal.detail === null))
            return { ...marked, detail: null, views: [] }
          const [nextViews, seen] = viewStep(viewState, signal, { ...options, ...views })
          viewState = nextViews
          // The views have copies of what they need of it: frames that wait must not hold megabytes.
          return {
            ...marked,
            detail: null,
            views: options.enabled ? seen : seen.map(view => ({ ...view, still: false })),
          }
        }),
      )
    })
}

const WHOLE_IMAGE_ALONE: ViewOptions = { crops: 0, zones: [] }

/** Blocks of the whole image under masks, computed once for each size of image. */
function rememberHidden(masks: ViewOptions['masks'] & {}): (size: number) => Hidden {
  let known: { readonly size: number; readonly hidden: Hidden } | null = null
  return size => {
    if (known?.size !== size) known = { size, hidden: hiddenBlocks(masks, wholeGrid(size)) }
    return known.hidden
  }
}
