/** Runs `detect` on frames written out by hand. */

import type { DetectRule } from '../../src/operators/detect/detectRule.ts'
import { type DetectOptions, detect } from '../../src/operators/detect.ts'
import type { EventChange, MarkedFrame, Outcome, ScoredFrame, Signal } from '../../src/types.ts'
import { scored } from './frames.ts'
import { marbles } from './virtualTime.ts'

export const PRESENT: DetectRule = {
  rule: 'present',
  trigger: { threshold: 0.6, releaseThreshold: 0.4, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 3_600_000 },
}
export const OPTIONS: DetectOptions = { rules: () => new Map([['car', PRESENT]]), updateEveryMs: 0, gapMs: 30_000 }
export const HOUR = 3_600_000

/** Everything that leaves `detect` for these signals, completion included. */
export function run(signals: readonly Signal<ScoredFrame>[], options: Partial<DetectOptions> = {}): Outcome[] {
  const outcomes: Outcome[] = []
  marbles().run(({ cold, flush }) => {
    cold(`(${signals.map((_, i) => String.fromCodePoint(0x4e00 + i)).join('')}|)`, named(signals))
      .pipe(detect({ ...OPTIONS, ...options }))
      .subscribe(outcome => outcomes.push(outcome))
    flush()
  })
  return outcomes
}

function named<T>(values: readonly T[]): Record<string, T> {
  return Object.fromEntries(values.map((value, i) => [String.fromCodePoint(0x4e00 + i), value]))
}

export function changes(outcomes: readonly Outcome[]): EventChange[] {
  return outcomes.flatMap(outcome => (outcome.kind === 'event' ? [outcome] : []))
}

/** `new 1000`, `update 3000`, `end 5000 score`: times since the frames' own zero. */
export function story(outcomes: readonly Outcome[]): string[] {
  return changes(outcomes).map(({ type, after }) => {
    if (type === 'end') return `end ${after.endTime} ${after.endReason}`
    return `${type} ${type === 'new' ? after.startTime : after.frameTime}`
  })
}

/** Scores a second apart. */
export function curve(scores: readonly number[], from = 0, rest: Partial<MarkedFrame> = {}): ScoredFrame[] {
  return scores.map((car, i) => scored('one', from + i * 1000, { car }, rest))
}
