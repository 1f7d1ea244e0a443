/** Finds the moments that answers are about: scores may have changed since, and with them the time of a peak. */

import type { Candidate } from './trialTypes.ts'

export interface GivenVerdict {
  readonly camera: string
  /** ms since the epoch. */
  readonly at: number
  readonly isTrue: boolean
}

export interface MatchedVerdicts {
  readonly verdicts: ReadonlyMap<string, boolean>
  /** About no moment of this past. */
  readonly unmatched: number
}

/** An answer may lie this much outside of its moment, ms. */
const TOLERANCE_MS = 2000

/** Of several answers about one moment, the last counts. */
export function matchVerdicts(candidates: readonly Candidate[], given: readonly GivenVerdict[]): MatchedVerdicts {
  const verdicts = new Map<string, boolean>()
  let unmatched = 0
  for (const { camera, at, isTrue } of given) {
    const moment = candidates
      .filter(one => one.camera === camera && at >= one.startTime - TOLERANCE_MS && at <= one.endTime + TOLERANCE_MS)
      .sort((a, b) => Math.abs(a.topTime - at) - Math.abs(b.topTime - at))[0]
    if (moment === undefined) unmatched++
    else verdicts.set(moment.id, isTrue)
  }
  return { verdicts, unmatched }
}
