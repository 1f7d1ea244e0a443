/** Compares a variant's embeddings with those of fp32. */

import { cosine } from '../../util/vector.ts'

export interface Cosines {
  readonly mean: number
  readonly min: number
  readonly frames: number
}

/** @param reference one vector per frame, as long as `candidate` and in the same order; above 0 frames */
export function compareEmbeddings(reference: readonly Float32Array[], candidate: readonly Float32Array[]): Cosines {
  if (reference.length === 0 || reference.length !== candidate.length) {
    throw new RangeError(`Expected as many vectors on both sides, got ${reference.length} and ${candidate.length}`)
  }
  const cosines = reference.map((vector, i) => cosine(vector, candidate[i]!))
  return {
    mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
    min: Math.min(...cosines),
    frames: cosines.length,
  }
}

/** The largest distance between vectors of the same frame, as a fraction of the reference's norm. */
export function largestDifference(reference: readonly Float32Array[], candidate: readonly Float32Array[]): number {
  const differences = reference.map((vector, i) => {
    const other = candidate[i]!
    return Math.hypot(...vector.map((value, k) => value - other[k]!)) / Math.hypot(...vector)
  })
  return Math.max(0, ...differences)
}
