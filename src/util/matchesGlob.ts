/** Whole texts against a pattern with wildcards, without a regular expression: the time is bounded by both lengths. */

/** @param pattern `*` stands for any text, `?` for one character; anything else stands for itself */
export function matchesGlob(pattern: string, text: string): boolean {
  let [at, place] = [0, 0]
  /** Where to go on when what follows the last `*` does not fit: that `*` then takes one character more. */
  let retry: { readonly pattern: number; text: number } | null = null
  while (at < text.length) {
    const wanted = pattern[place]
    if (wanted === '*') {
      place++
      retry = { pattern: place, text: at }
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[at])) {
      at++
      place++
    } else if (retry !== null) {
      retry.text++
      at = retry.text
      place = retry.pattern
    } else return false
  }
  while (pattern[place] === '*') place++
  return place === pattern.length
}
