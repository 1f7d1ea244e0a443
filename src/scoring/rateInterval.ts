/** The rates that fit a count: the exact interval for the mean of a Poisson count. */

/** Coverage of the interval. */
const RATE_COVERAGE = 0.9
const TAIL = (1 - RATE_COVERAGE) / 2
const STEPS = 60

/**
 * Source: F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 1936. It assumes that events come one by
 * one, and as often at any time as at any other.
 * @param count of events, a whole number
 * @param units how long they were counted, above 0
 * @returns least and most events per unit, coverage RATE_COVERAGE
 */
export function rateInterval(count: number, units: number): readonly [number, number] {
  // Beyond this mean, a count this low has no probability to speak of.
  const most = count + 10 * Math.sqrt(count + 1) + 10
  const least = count === 0 ? 0 : bisect(0, most, mean => 1 - atMost(count - 1, mean) >= TAIL)
  return [least / units, bisect(0, most, mean => atMost(count, mean) <= TAIL) / units]
}

/** The least value for which it holds, where it holds from there on. */
function bisect(low: number, high: number, holds: (value: number) => boolean): number {
  let [from, to] = [low, high]
  for (let step = 0; step < STEPS; step++) {
    const middle = (from + to) / 2
    if (holds(middle)) to = middle
    else from = middle
  }
  return to
}

/** Probability of at most `count` events when `mean` are expected. */
function atMost(count: number, mean: number): number {
  if (mean === 0) return 1
  let logTerm = -mean
  let sum = Math.exp(logTerm)
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log(mean / k)
    sum += Math.exp(logTerm)
  }
  return sum
}
