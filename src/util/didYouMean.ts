/** The second half of a message about an unknown name. */

/** A longer list would hide the message. */
const MOST_LISTED = 30

/**
 * ``did you mean `fps`?`` when a known name is near, else `known names: a, b, c`.
 * @param what plural noun of the known words, such as `keys`. Default `names`
 */
export function didYouMean(word: string, known: readonly string[], what = 'names'): string {
  const near = nearest(word, known)
  if (near !== null) return `did you mean \`${near}\`?`
  if (known.length === 0) return `there are no ${what}`
  const more = known.length - MOST_LISTED
  return `known ${what}: ${known.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** The same as a sentence of its own, for a hint. */
export function didYouMeanHint(word: string, known: readonly string[], what = 'names'): string {
  const text = didYouMean(word, known, what)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** Longer words are cut before they are compared: the work grows with the square of the length. */
const LONGEST = 64

/** The candidate within a third of the word's length in edits, at most 3; null when there is none. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const limit = Math.min(3, Math.ceil(word.length / 3))
  const wanted = word.slice(0, LONGEST).toLowerCase()
  let best: { readonly candidate: string; readonly edits: number } | null = null
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue
    const edits = distance(wanted, candidate.slice(0, LONGEST).toLowerCase())
    if (edits <= limit && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { candidate, edits }
  }
  return best?.candidate ?? null
}

/** Damerau's distance (optimal string alignment): replace, insert, delete, swap of two neighbours. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwap ? (beforeLast[j - 2] as number) + 1 : Number.POSITIVE_INFINITY
      current.push(Math.min(replace, swap, (last[j] as number) + 1, (current[j - 1] as number) + 1))
    }
    beforeLast = last
    last = current
  }
  return last[b.length] as number
}
