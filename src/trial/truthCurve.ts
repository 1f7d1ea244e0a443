/** How likely a moment is true, given its score and what a person said about others: logistic regression, all curves weighed. */

import { logSumExp, sigmoid } from '../util/vector.ts'

export interface TruthCurve {
  /** Probability that a moment of this score is true, (0, 1). */
  probability(score: number): number
  /** How much a verdict on a moment of this score would tell about the curve, nats. */
  information(score: number): number
}

export interface JudgedScore {
  readonly score: number
  readonly isTrue: boolean
}

interface Curve {
  /** Log-odds of the score at which half of the moments are true. */
  readonly middle: number
  /** Log-odds over which it rises, above 0. */
  readonly width: number
}

const WIDTHS = [0.15, 0.3, 0.6, 1.2, 2.4]
const MIDDLES = Array.from({ length: 48 }, (_, i) => -3 + i * 0.25)
const CURVES: readonly Curve[] = WIDTHS.flatMap(width => MIDDLES.map(middle => ({ middle, width })))

/** How far the middle usually lies from where it is expected, log-odds. */
const MIDDLE_DEVIATION = 2
/** Scores nearer to 0 and 1 are all alike. */
const MOST_LOG_ODDS = 7
/** A person errs, and a picture may show something else than the score saw. */
const MISTAKES = 0.02

/** @param expected score at which half of the moments are true, before anything is known */
export function truthCurve(judged: readonly JudgedScore[], expected: number): TruthCurve {
  const centre = logOdds(expected)
  const logWeights = CURVES.map(curve => {
    const prior = -0.5 * ((curve.middle - centre) / MIDDLE_DEVIATION) ** 2
    return judged.reduce((sum, { score, isTrue }) => {
      const p = trueUnder(curve, score)
      return sum + Math.log(isTrue ? p : 1 - p)
    }, prior)
  })
  const total = logSumExp(logWeights)
  const weights = logWeights.map(weight => Math.exp(weight - total))
  const mean = (value: (curve: Curve) => number) =>
    CURVES.reduce((sum, curve, i) => sum + (weights[i] as number) * value(curve), 0)
  const probability = (score: number) => mean(curve => trueUnder(curve, score))
  return {
    probability,
    information: score => entropy(probability(score)) - mean(curve => entropy(trueUnder(curve, score))),
  }
}

function logOdds(score: number): number {
  return Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, Math.log(score / (1 - score))))
}

function trueUnder({ middle, width }: Curve, score: number): number {
  return MISTAKES + (1 - 2 * MISTAKES) * sigmoid((logOdds(score) - middle) / width)
}

function entropy(p: number): number {
  return p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p)
}
