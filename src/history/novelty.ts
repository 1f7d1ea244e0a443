/** Decides which views need a vector of their own: near copies of the last kept one of their view do not. */

import { dot } from '../util/vector.ts'

/** Cosine to the last kept vector of the view from which on a view counts as its near copy. */
export const NEAR_COPY = 0.995
/** After this time a view gets a vector of its own in any case, so that a search need not look further for the end of a span. */
const LONGEST_SPAN_MS = 3_600_000

export interface Novelty {
  /** Whether the view is kept; if so, later ones are compared with it. `exact`: near copies are kept, too. */
  keeps(view: string, embedding: Float32Array, at: number, exact: boolean): boolean
  /** Views that are not followed any longer are forgotten. */
  retain(views: readonly string[]): void
  clear(): void
}

interface Kept {
  readonly embedding: Float32Array
  readonly at: number
}

/** For one camera. */
export function createNovelty(): Novelty {
  const kept = new Map<string, Kept>()
  return {
    keeps: (view, embedding, at, exact) => {
      const known = kept.get(view)
      if (known !== undefined && isCopy(known, embedding, exact) && Math.abs(at - known.at) < LONGEST_SPAN_MS)
        return false
      kept.set(view, { embedding, at })
      return true
    },
    retain: views => {
      for (const view of kept.keys()) if (!views.includes(view)) kept.delete(view)
    },
    clear: () => kept.clear(),
  }
}

function isCopy(known: Kept, embedding: Float32Array, exact: boolean): boolean {
  if (known.embedding === embedding) return true
  return !exact && dot(known.embedding, embedding) >= NEAR_COPY
}
