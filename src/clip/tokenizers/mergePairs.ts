/** Byte-pair encoding as Hugging Face's tokenizers do it: always the pair of lowest rank, the leftmost of equal ones. */

/** Ranks and results of merges, by the ids of both parts. */
export interface Merges {
  /** Infinity for a pair that is not merged. */
  rankOf(left: number, right: number): number
  /** The id that the merge with this rank makes. */
  resultOf(rank: number): number
}

/**
 * @param pairs in the order of their ranks
 * @param idOf of a piece; throws for an unknown one
 */
export function createMerges(pairs: readonly (readonly [string, string])[], idOf: (piece: string) => number): Merges {
  // One number as key takes a fraction of the memory of strings: Gemma has 580,000 pairs.
  const ranks = new Map<number, number>()
  const results = new Int32Array(pairs.length)
  for (const [rank, [left, right]] of pairs.entries()) {
    const key = keyOf(idOf(left), idOf(right))
    if (!ranks.has(key)) ranks.set(key, rank)
    results[rank] = idOf(left + right)
  }
  return {
    rankOf: (left, right) => ranks.get(keyOf(left, right)) ?? Number.POSITIVE_INFINITY,
    resultOf: rank => results[rank] as number,
  }
}

/** Unique for ids below 2^26, which is a hundred times the largest vocabulary. */
function keyOf(left: number, right: number): number {
  return left * 2 ** 26 + right
}

/** Quadratic in the number of ids, which is small in a prompt: 10,000 ids take a tenth of a second. */
export function mergePairs(ids: readonly number[], merges: Merges): number[] {
  const merged = [...ids]
  const ranks = merged.slice(1).map((right, i) => merges.rankOf(merged[i] as number, right))
  while (ranks.length > 0) {
    const place = placeOfLowest(ranks)
    const rank = ranks[place] as number
    if (rank === Number.POSITIVE_INFINITY) break
    merged.splice(place, 2, merges.resultOf(rank))
    ranks.splice(place, 1)
    if (place > 0) ranks[place - 1] = merges.rankOf(merged[place - 1] as number, merged[place] as number)
    if (place < ranks.length) ranks[place] = merges.rankOf(merged[place] as number, merged[place + 1] as number)
  }
  return merged
}

function placeOfLowest(ranks: readonly number[]): number {
  let lowest = 0
  for (let i = 1; i < ranks.length; i++) if ((ranks[i] as number) < (ranks[lowest] as number)) lowest = i
  return lowest
}
