/** The probability that an event is right, from answers to earlier ones. */

import { logisticFit, probabilityOf } from './logisticFit.ts'

/** An answer to an event. */
export interface OddsAnswer {
  readonly camera: string
  readonly yes: boolean
  /** Log-odds of the event's peak score. */
  readonly logOdds: number
}

/**
 * What is believed without answers: as many events are right as wrong, at any score; and how much of that belief answers
 * may change, as variances of log-odds. `event`: what the event's cameras share; `camera`: what a camera has of its own;
 * `score`: how fast odds rise with the peak, per squared nat. As pseudo-counts, one camera's first answers meet about
 * four answers of the prior, half of them right.
 */
const PRIOR = { event: 1.2, camera: 1.2, score: 0.2 } as const
/** A score of 0.5 is where most events begin; further than this from it a peak says no more. */
const MOST_LOG_ODDS = 5
/** Newest answers that are used. */
const MOST_ANSWERS = 100

/**
 * Bayesian logistic regression on the peak's log-odds, pooled over the cameras of the event: a camera with few answers
 * has the odds of the others, one with many has its own. The average over what remains uncertain, not the likeliest
 * value, so that few answers give cautious odds.
 * @param answers about one event, on all cameras, oldest first
 * @returns (0, 1); null without answers
 */
export function oddsOf(answers: readonly OddsAnswer[], { camera, logOdds }: Place): number | null {
  if (answers.length === 0) return null
  const used = answers.slice(-MOST_ANSWERS)
  const asked = { camera, logOdds }
  const kernel = used.map(one => used.map(other => covariance(one, other)))
  const row = used.map(one => covariance(one, asked))
  const offsets = used.map(() => 0)
  const fit = logisticFit(
    kernel,
    offsets,
    used.map(({ yes }) => yes),
  )
  return probabilityOf(fit, kernel, { row, own: covariance(asked, asked) })
}

type Place = Pick<OddsAnswer, 'camera' | 'logOdds'>

/** Prior covariance of the log-odds that two events are right. */
function covariance(a: Place, b: Place): number {
  const own = a.camera === b.camera ? PRIOR.camera : 0
  return PRIOR.event + own + PRIOR.score * bounded(a.logOdds) * bounded(b.logOdds)
}

function bounded(logOdds: number): number {
  return Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, logOdds))
}
