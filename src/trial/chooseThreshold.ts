/** The threshold for a budget, from the past and from what a person said about some of its moments. */

import { alarmsPerDay, type Prediction, predictAlarms } from './predictAlarms.ts'
import type { Candidate, TrialPast, Verdicts } from './trialTypes.ts'
import { type TruthCurve, truthCurve } from './truthCurve.ts'

export interface ChooseOptions {
  readonly past: TrialPast
  readonly candidates: readonly Candidate[]
  readonly verdicts: Verdicts
  /** Most alarms a day, all cameras together, above 0. */
  readonly budget: number
  /** The threshold in force, or the default one. It stays when nothing speaks against it. */
  readonly present: number
}

export interface Choice {
  readonly threshold: number
  readonly prediction: Prediction
  /** Alarms a day beyond the budget at the highest threshold; null when the budget can be met. */
  readonly overBudget: number | null
  /** Probability that an alarm is right; null when there was none, or nothing was answered. */
  readonly precision: number | null
  /** Of the moments that were answered with yes: how many there are, and how many the threshold would have caught. */
  readonly answeredTrue: { readonly caught: number; readonly of: number }
  readonly answeredFalse: { readonly rings: number; readonly of: number }
  /** A larger budget that would catch more true moments, and how many; null when this budget costs none. */
  readonly better: { readonly budget: number; readonly threshold: number; readonly more: number } | null
}

/** Within the budget, an alarm is worth hearing when it is right at least once in so many. */
const WORTH = 10
/** A larger budget is named when it catches so many more true moments of the past. */
const NOTABLE = 0.5

/**
 * The budget is a bound and no aim: of the thresholds that keep it, the one that catches most of what is true, without
 * what is nearly always wrong. Without answers the present threshold stays as long as it keeps the budget.
 */
export function chooseThreshold(options: ChooseOptions): Choice {
  const { past, candidates, verdicts, budget } = options
  const { levels, watched } = past
  const lowest = lowestWithin(options)
  const judged = judgedOf(candidates, verdicts)
  const curve = truthCurve(judged, thresholdAt(past, lowest))
  const values = levels.map((_, level) => worthOf(level, options, curve))
  const chosen = judged.length === 0 ? unanswered(options, lowest) : best(values, lowest)
  const level = levels[chosen]
  if (level === undefined) throw new RangeError('Expected at least one level')
  const perDay = alarmsPerDay(level, watched)
  const rings = candidates.filter(candidate => candidate.rings[chosen])
  return {
    threshold: level.threshold,
    prediction: predictAlarms(level, { past, ...(levels[0] ? { busier: levels[0] } : {}) }),
    overBudget: perDay > budget ? perDay - budget : null,
    precision: rings.length === 0 || judged.length === 0 ? null : precisionOf(rings, trueOf(rings, verdicts, curve)),
    answeredTrue: countAnswers(candidates, verdicts, { verdict: true, level: chosen }),
    answeredFalse: (({ caught, of }) => ({ rings: caught, of }))(
      countAnswers(candidates, verdicts, { verdict: false, level: chosen }),
    ),
    better: judged.length === 0 ? null : betterBudget(options, { values, chosen, curve }),
  }
}

/** Index of the lowest level from which on all keep the budget; the highest level when none does. */
export function lowestWithin({ past: { levels, watched }, budget }: Pick<ChooseOptions, 'past' | 'budget'>): number {
  let lowest = levels.length - 1
  for (let i = levels.length - 1; i >= 0; i--) {
    const level = levels[i]
    if (level === undefined || alarmsPerDay(level, watched) > budget) break
    lowest = i
  }
  return lowest
}

export function judgedOf(candidates: readonly Candidate[], verdicts: Verdicts) {
  return candidates.flatMap(({ id, topScore }) => {
    const isTrue = verdicts.get(id)
    return isTrue === undefined ? [] : [{ score: topScore, isTrue }]
  })
}

export function thresholdAt({ levels }: TrialPast, level: number): number {
  return levels[level]?.threshold ?? 0.5
}

/** Nothing is known about what is true: no alarm is lost unless the budget asks for it. */
function unanswered({ past, present }: ChooseOptions, lowest: number): number {
  const nearest = past.levels.findIndex(({ threshold }) => threshold >= present)
  return Math.max(lowest, nearest < 0 ? past.levels.length - 1 : nearest)
}

/** What the alarms of a level are worth: a true one as much as `WORTH` − 1 wrong ones cost. */
function worthOf(level: number, { candidates, verdicts }: ChooseOptions, curve: TruthCurve): number {
  const rings = candidates.filter(candidate => candidate.rings[level])
  const right = trueOf(rings, verdicts, curve)
  return right * (WORTH - 1) - (rings.length - right)
}

/** Of equally good levels the middle one: as far from what must ring as from what must not. */
function best(values: readonly number[], lowest: number): number {
  const most = Math.max(...values.slice(lowest))
  const good = values.flatMap((value, i) => (i >= lowest && value >= most - 1e-9 ? [i] : []))
  const run = good.filter((level, i) => level - (good[0] ?? 0) === i)
  return run[(run.length - 1) >> 1] ?? lowest
}

function trueOf(moments: readonly Candidate[], verdicts: Verdicts, curve: TruthCurve): number {
  return moments.reduce((sum, { id, topScore }) => {
    const verdict = verdicts.get(id)
    return sum + (verdict === undefined ? curve.probability(topScore) : Number(verdict))
  }, 0)
}

/** No more certain than Jeffreys' estimate where all were right: a few right alarms do not make the next one certain. */
function precisionOf({ length }: readonly Candidate[], right: number): number {
  return Math.min(right / length, (length + 0.5) / (length + 1))
}

function countAnswers(
  candidates: readonly Candidate[],
  verdicts: Verdicts,
  { verdict, level }: { readonly verdict: boolean; readonly level: number },
) {
  const answered = candidates.filter(({ id }) => verdicts.get(id) === verdict)
  return { caught: answered.filter(({ rings }) => rings[level]).length, of: answered.length }
}

interface Valued {
  readonly values: readonly number[]
  readonly chosen: number
  readonly curve: TruthCurve
}

function betterBudget({ past, candidates, verdicts }: ChooseOptions, { values, chosen, curve }: Valued) {
  const free = best(values, 0)
  const level = past.levels[free]
  if (free >= chosen || level === undefined) return null
  const caught = (index: number) =>
    trueOf(
      candidates.filter(({ rings }) => rings[index]),
      verdicts,
      curve,
    )
  const more = caught(free) - caught(chosen)
  return more < NOTABLE ? null : { budget: alarmsPerDay(level, past.watched), threshold: level.threshold, more }
}
