/** Rule `moves`: the words fit, and something in the picture moves. */

import type { Sample } from './rule.ts'

export interface MovesOptions {
  readonly windowMs: number
}

export interface MovesState {
  /** When the picture moved last, ms. */
  readonly movedAt: number
}

export const NEVER_MOVED: MovesState = { movedAt: Number.NEGATIVE_INFINITY }

/** Share of the picture: two of the gate's 784 blocks. One alone may be a leaf, or noise. */
const MOVEMENT = 2 / 784

/**
 * CLIP sees a person; whether it walks is only half seen in one picture. The evidence is the score while the picture has
 * moved within `windowMs`, else 0: somebody who stands still, a statue or a poster is no event.
 * That it is the same thing that moves is not known: somebody who stands before passing cars may be taken for a walker.
 */
export function movesStep(
  { movedAt }: MovesState,
  { at, motion, score }: Sample,
  { windowMs }: MovesOptions,
): readonly [MovesState, number] {
  const last = motion >= MOVEMENT ? at : movedAt
  return [{ movedAt: last }, at - last <= windowMs ? score : 0]
}
