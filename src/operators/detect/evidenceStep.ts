/** Runs the rule of an event on one frame and returns evidence for the trigger. A new rule is one file and one case here. */

import type { DetectRule } from './detectRule.ts'
import type { Evidence, Sample } from './evidence.ts'
import { type LeavesState, leavesStep, NOT_PRESENT } from './leavesStep.ts'
import { ABSENT, loitersStep, type PresenceState } from './loitersStep.ts'
import { type MovesState, movesStep, NEVER_MOVED } from './movesStep.ts'
import { NOTHING_STOPPED, type StopsState, stopsStep } from './stopsStep.ts'

/** A rule's state for one camera. */
export type RuleState =
  | { readonly rule: 'present' | 'level' }
  | { readonly rule: 'moves'; readonly state: MovesState }
  | { readonly rule: 'stops'; readonly state: StopsState }
  | { readonly rule: 'loiters'; readonly state: PresenceState }
  | { readonly rule: 'leaves'; readonly state: LeavesState }

/** Without a state of the same rule it starts from the rule's initial state. */
export function evidenceStep(
  memory: RuleState | null,
  sample: Sample,
  rule: DetectRule,
): readonly [RuleState, Evidence] {
  const since = sample.at
  switch (rule.rule) {
    case 'present':
    case 'level':
      return [{ rule: rule.rule }, { level: sample.score, since }]
    case 'moves': {
      const [state, level] = movesStep(memory?.rule === 'moves' ? memory.state : NEVER_MOVED, sample, rule)
      return [
        { rule: 'moves', state },
        { level, since },
      ]
    }
    case 'stops': {
      const [state, evidence] = stopsStep(memory?.rule === 'stops' ? memory.state : NOTHING_STOPPED, sample, rule)
      return [{ rule: 'stops', state }, evidence]
    }
    case 'loiters': {
      const [state, level] = loitersStep(memory?.rule === 'loiters' ? memory.state : ABSENT, sample, rule)
      return [
        { rule: 'loiters', state },
        { level, since },
      ]
    }
    case 'leaves': {
      const [state, evidence] = leavesStep(memory?.rule === 'leaves' ? memory.state : NOT_PRESENT, sample, rule)
      return [{ rule: 'leaves', state }, evidence]
    }
  }
}
