/** Bounds how many crops of a camera are encoded over time: while several subjects move for long, their crops take turns. Pure. */

import type { PartialView } from '../../types.ts'

export interface CropBudget {
  /** Crops that may be encoded now. */
  readonly left: number
  /** Id of a crop → when it was last encoded, frame time, ms. */
  readonly encodedAt: ReadonlyMap<string, number>
}

/** Crops that a frame adds to the budget, and the most that it holds: short visits are seen in every frame. */
const PER_FRAME = 1
const MOST = 4

export const FULL_BUDGET: CropBudget = { left: MOST, encodedAt: new Map() }

/**
 * @param views of one frame, with their own stillness
 * @returns the budget after this frame, and the ids of crops that wait for their turn: they keep their last embedding
 */
export function spendCrops(
  { left, encodedAt }: CropBudget,
  views: readonly PartialView[],
  at: number,
): readonly [CropBudget, ReadonlySet<string>] {
  const crops = views.filter(({ kind }) => kind === 'crop')
  const changed = crops.filter(({ still }) => !still)
  const isNew = ({ id }: PartialView) => !encodedAt.has(id)
  // The one that has waited longest comes first; a new crop has no embedding to keep.
  const inTurn = changed
    .filter(view => !isNew(view))
    .sort((a, b) => (encodedAt.get(a.id) ?? 0) - (encodedAt.get(b.id) ?? 0))
  const first = changed.filter(isNew)
  const budget = Math.min(MOST, left + PER_FRAME)
  const encoded = [...first, ...inTurn.slice(0, Math.max(0, Math.floor(budget) - first.length))]
  const next = new Map(crops.flatMap(({ id }) => (encodedAt.has(id) ? [[id, encodedAt.get(id) ?? at] as const] : [])))
  for (const { id } of encoded) next.set(id, at)
  const waiting = new Set(inTurn.filter(view => !encoded.includes(view)).map(({ id }) => id))
  return [{ left: Math.max(0, budget - encoded.length), encodedAt: next }, waiting]
}
