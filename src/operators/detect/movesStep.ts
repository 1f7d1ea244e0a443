/** Rule `moves`: something in the image moves, and the phrases fit better than they did while nothing moved. */

import type { Sample } from './evidence.ts'

export interface MovesOptions {
  readonly motionWindowMs: number
}

export interface MovesState {
  /** Frame time of the frame before, ms; null before the first. */
  readonly at: number | null
  /** When motion was last seen, ms. */
  readonly movedAt: number
  /** The score without motion: how well the phrases fit what stands there. [0, 1] */
  readonly standing: number
  /** The score has risen above that since the motion began. */
  readonly rose: boolean
}

export const NEVER_MOVED: MovesState = { at: null, movedAt: Number.NEGATIVE_INFINITY, standing: 0, rose: false }

/** Fraction of the image: two of the 784 blocks that are compared. A single block may be a leaf or noise. */
const MOVEMENT = 2 / 784
/** The score must rise this far above the score without motion. */
const RISE = 0.2
/** Time constant for learning the score without motion … */
const LEARN_MS = 500
/** … and for forgetting it while motion continues. */
const FORGET_MS = 40_000

/**
 * CLIP recognises a person, but a single image only hints at whether that person walks. The evidence is the score while
 * both conditions hold, else 0:
 * - there was motion within `motionWindowMs`: a person who stands still, a statue or a poster is no event.
 * - since then the score has risen above the score without motion. If the phrases fitted as well while nothing moved,
 *   the match stands still and something else moves, such as a car that passes a queue, or a moth.
 *
 * The price: a person who stood in view and walks on starts an event only if walking fits the phrases better than
 * standing did.
 */
export function movesStep(
  state: MovesState,
  sample: Sample,
  { motionWindowMs }: MovesOptions,
): readonly [MovesState, number] {
  const { at, motion, score } = sample
  // The first frame has no motion by definition: it says nothing about the score without motion.
  const elapsed = state.at === null ? 0 : at - state.at
  const movedAt = motion >= MOVEMENT ? at : state.movedAt
  if (at - movedAt > motionWindowMs) {
    const standing = state.standing + (score - state.standing) * (1 - Math.exp(-elapsed / LEARN_MS))
    return [{ at, movedAt, standing, rose: false }, 0]
  }
  const standing = state.standing * Math.exp(-elapsed / FORGET_MS)
  const rose = state.rose || score >= standing + RISE
  return [{ at, movedAt, standing, rose }, rose ? score : 0]
}
