/** What scores can reach whatever threshold is chosen: the ROC of images with and without an event. */

/** The probability that an image with the event scores above one without; ties count half. [0, 1] */
export function areaUnderRoc(withEvent: readonly number[], without: readonly number[]): number {
  const sorted = [...without].sort((a, b) => a - b)
  const wins = withEvent.reduce((sum, score) => sum + (countBelow(sorted, score) + countAtMost(sorted, score)) / 2, 0)
  return wins / withEvent.length / without.length
}

/** Highest fraction of `withEvent` that a threshold finds while at most `falseFraction` of `without` reach it. */
export function foundAt(withEvent: readonly number[], without: readonly number[], falseFraction: number): number {
  const descending = [...without].sort((a, b) => b - a)
  const highestFalse = descending[Math.floor(falseFraction * without.length + 1e-9)]
  return highestFalse === undefined ? 1 : fractionOf(withEvent, score => score > highestFalse)
}

/** Fraction of the values that meet a condition, [0, 1]. */
export function fractionOf<T>(values: readonly T[], condition: (value: T, index: number) => boolean): number {
  return values.filter(condition).length / values.length
}

function countBelow(sorted: readonly number[], limit: number): number {
  return firstIndex(sorted, value => value >= limit)
}

function countAtMost(sorted: readonly number[], limit: number): number {
  return firstIndex(sorted, value => value > limit)
}

/** Index of the first value that meets a condition which stays true from there on. */
function firstIndex(sorted: readonly number[], condition: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (condition(sorted[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}
