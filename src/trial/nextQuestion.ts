/** Which moment to ask a person about next: the one whose answer teaches most, and that resembles none asked before. */

import { cosine } from '../util/vector.ts'
import { judgedOf, lowestWithin, thresholdAt } from './chooseThreshold.ts'
import { type Candidate, DAY_MS, type TrialPast, type Verdicts } from './trialTypes.ts'
import { truthCurve } from './truthCurve.ts'

export interface QuestionOptions {
  readonly past: TrialPast
  readonly candidates: readonly Candidate[]
  readonly verdicts: Verdicts
  readonly budget: number
  /** Ids that were asked: answered ones and skipped ones. */
  readonly asked: ReadonlySet<string>
}

/** Moments of a camera nearer than this are one to a person, ms. */
const SAME_MOMENT_MS = 120_000
/** Views more alike than this show the same; the history keeps them as one, too. A camera's images are always alike. */
const NEAR_COPY = 0.995
/** An answer that would tell less than this is not worth a person's time, nats. */
const LEAST_INFORMATION = 0.01

/** @returns null when no answer would teach enough */
export function nextQuestion({ past, candidates, verdicts, budget, asked }: QuestionOptions): Candidate | null {
  const curve = truthCurve(judgedOf(candidates, verdicts), thresholdAt(past, lowestWithin({ past, budget })))
  const known = candidates.filter(({ id }) => asked.has(id) || verdicts.has(id))
  let chosen: Candidate | null = null
  let most = LEAST_INFORMATION
  for (const candidate of candidates) {
    if (known.some(other => isAlike(candidate, other))) continue
    const value = curve.information(candidate.topScore) * variety(candidate, known)
    if (value > most) [chosen, most] = [candidate, value]
  }
  return chosen
}

/** The same moment, or a near copy of it. */
export function isAlike(a: Candidate, b: Candidate): boolean {
  if (a.id === b.id) return true
  if (a.camera === b.camera && a.startTime < b.endTime + SAME_MOMENT_MS && b.startTime < a.endTime + SAME_MOMENT_MS)
    return true
  return a.seen !== null && b.seen !== null && cosine(a.seen.embedding, b.seen.embedding) >= NEAR_COPY
}

/** Less for a camera, and for a day, that was asked about before: (0, 1]. */
function variety({ camera, topTime }: Candidate, known: readonly Candidate[]): number {
  const ofCamera = known.filter(other => other.camera === camera).length
  const ofDay = known.filter(other => Math.floor(other.topTime / DAY_MS) === Math.floor(topTime / DAY_MS)).length
  return 1 / Math.sqrt((1 + ofCamera) * (1 + ofDay))
}
