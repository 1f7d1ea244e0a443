/** Rule `moves`: something in the picture moves, and the words fit better than while nothing did. */

import type { Sample } from './evidenceTypes.ts'

export interface MovesOptions {
  readonly windowMs: number
}

export interface MovesState {
  /** Frame time of the frame before, ms; null before the first. */
  readonly at: number | null
  /** When the picture moved last, ms. */
  readonly movedAt: number
  /** The score of the calm picture: how well the words fit what stands there. [0, 1] */
  readonly standing: number
  /** Since it began to move, the score has risen above that. */
  readonly rose: boolean
}

export const NEVER_MOVED: MovesState = { at: null, movedAt: Number.NEGATIVE_INFINITY, standing: 0, rose: false }

/** Share of the picture: two of the gate's 784 blocks. One alone may be a leaf, or noise. */
const MOVEMENT = 2 / 784
/** What moves fits the words so much better than what stands there. */
const RISE = 0.2
/** A calm picture is known after about so long … */
const LEARN_MS = 500
/** … and forgotten about so long after it has come to life. */
const FORGET_MS = 40_000

/**
 * CLIP sees a person; whether it walks is only half seen in one picture. The evidence is the score while two things hold,
 * else 0:
 * - the picture has moved within `windowMs`: somebody who stands still, a statue or a poster is no event.
 * - since then the score has risen above that of the calm picture before: what fitted the words as well while nothing
 *   moved stands there, and what moves is another thing, a car that passes a queue or a moth.
 *
 * The price: somebody who stood in view and walks on is told only when walking fits the words better than standing did.
 */
export function movesStep(
  state: MovesState,
  sample: Sample,
  { windowMs }: MovesOptions,
): readonly [MovesState, number] {
  const { at, motion, score } = sample
  // A first frame has no motion whatever it shows: no calm picture yet.
  const elapsed = state.at === null ? 0 : at - state.at
  const movedAt = motion >= MOVEMENT ? at : state.movedAt
  if (at - movedAt > windowMs) {
    const standing = state.standing + (score - state.standing) * (1 - Math.exp(-elapsed / LEARN_MS))
    return [{ at, movedAt, standing, rose: false }, 0]
  }
  const standing = state.standing * Math.exp(-elapsed / FORGET_MS)
  const rose = state.rose || score >= standing + RISE
  return [{ at, movedAt, standing, rose }, rose ? score : 0]
}
