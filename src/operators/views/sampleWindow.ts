/** Now and then chooses a window in which nothing happens: what a camera's crops show without any event. Pure. */

import type { Box } from '../../types.ts'
import type { Grid } from '../markStill/lumaBlocks.ts'
import type { SceneState } from '../markStill/sceneStep.ts'
import { cellsIn } from './cellsIn.ts'

/** The view of such a window: it is learned from and decides no event. */
export const SAMPLE_VIEW = 'crop-sample'

export interface SampleState {
  /** Samples so far. */
  readonly count: number
  /** Places tried so far. */
  readonly places: number
  /** Frame time of the last one, ms. */
  readonly at: number
}

export const NO_SAMPLES: SampleState = { count: 0, places: 0, at: Number.NEGATIVE_INFINITY }

/** Time between two samples: at first to learn within minutes, later to follow the light. */
const [FIRST_INTERVAL_MS, LATER_INTERVAL_MS] = [5000, 60_000]
const FIRST_SAMPLES = 60
/** Places that are tried per frame. */
const TRIES = 4
/** The R2 sequence spreads its points evenly over the image, however many are taken (Roberts 2018). */
const [STEP_X, STEP_Y] = [0.7548776662466927, 0.5698402909980532]

/**
 * Only where something happens elsewhere in the image: a still scene costs nothing.
 * @param window its size in fractions of the image
 * @returns the state after this frame, and the window; null when none is due or free
 */
export function sampleWindow(
  before: SampleState,
  {
    scene,
    grid,
    window,
  }: { readonly scene: SceneState; readonly grid: Grid; readonly window: Pick<Box, 'width' | 'height'> },
): readonly [SampleState, Box | null] {
  const { at, movedAt, foreign, isNewScene } = scene
  const interval = before.count < FIRST_SAMPLES ? FIRST_INTERVAL_MS : LATER_INTERVAL_MS
  if (isNewScene || Math.abs(at - before.at) < interval || !movedAt.some(moved => moved === at)) return [before, null]
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const places = before.places + attempt
    const box = boxAt(places, window)
    if (cellsIn(box, grid).every(cell => movedAt[cell] !== at && foreign[cell] === 0))
      return [{ count: before.count + 1, places: places + 1, at }, box]
  }
  // The next frame tries other places.
  return [{ ...before, places: before.places + TRIES }, null]
}

function boxAt(index: number, { width, height }: Pick<Box, 'width' | 'height'>): Box {
  return { x: ((index * STEP_X) % 1) * (1 - width), y: ((index * STEP_Y) % 1) * (1 - height), width, height }
}
