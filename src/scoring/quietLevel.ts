/** Where an event's margin lies on a camera while the event is not there: a robust location and spread. */

import { quantile } from '../util/vector.ts'

export interface QuietLevel {
  /** The middle of the quiet margins. */
  readonly location: number
  /** Their standard deviation. */
  readonly spread: number
  /** Estimated fraction of the margins that belong to the event and were left out, [0, 0.6]. */
  readonly eventFraction: number
}

/**
 * The two quantiles that are used, and their distance from the median of a normal distribution in standard deviations.
 * Both lie in the lower half: an event raises the margin, so frames that show it are found in the upper half.
 */
const LOW = { at: 0.1, deviations: -1.2816 }
const HIGH = { at: 0.4, deviations: -0.2533 }
/** A margin this many deviations above the middle may belong to the event; 2.3 % of quiet ones lie there as well. */
const SUSPICIOUS = 2
const USUAL_FRACTION = 0.023
/** A smaller excess is taken for the long tail of quiet margins. */
const LEAST_EXCESS = 0.1
const MOST_EXCESS = 0.6
const ROUNDS = 3

/**
 * Fits a normal distribution to the lower part of the margins. When more of them lie far above it than it explains, that
 * fraction is taken for frames with the event, and the quantiles are read as those of the rest.
 * @param margins at least one, in any unit
 */
export function quietLevel(margins: readonly number[]): QuietLevel {
  let eventFraction = 0
  let fit = fitLowerPart(margins, 0)
  for (let round = 1; round < ROUNDS; round++) {
    const limit = fit.location + SUSPICIOUS * fit.spread
    const excess = margins.filter(margin => margin > limit).length / margins.length - USUAL_FRACTION
    eventFraction = excess > LEAST_EXCESS ? Math.min(MOST_EXCESS, excess) : 0
    fit = fitLowerPart(margins, eventFraction)
  }
  return { ...fit, eventFraction }
}

function fitLowerPart(margins: readonly number[], eventFraction: number): { location: number; spread: number } {
  const low = quantile(margins, LOW.at * (1 - eventFraction))
  const high = quantile(margins, HIGH.at * (1 - eventFraction))
  const spread = (high - low) / (HIGH.deviations - LOW.deviations)
  return { location: high - HIGH.deviations * spread, spread }
}
