/** Runs the rule of an event on one frame and returns evidence for the trigger. A new rule is one file and one case here. */

import type { Evidence, Sample } from './evidenceTypes.ts'
import { type LeavesState, leavesStep, NOBODY } from './leaves.ts'
import { ABSENT, lingersStep, type PresenceState } from './lingers.ts'
import { type MovesState, movesStep, NEVER_MOVED } from './moves.ts'
import type { DetectRule } from './rule.ts'
import { NOTHING_STANDS, type StopsState, stopsStep } from './stops.ts'

/** A rule's state for one camera. */
export type Memory =
  | { readonly rule: 'present' | 'level' }
  | { readonly rule: 'moves'; readonly state: MovesState }
  | { readonly rule: 'stops'; readonly state: StopsState }
  | { readonly rule: 'lingers'; readonly state: PresenceState }
  | { readonly rule: 'leaves'; readonly state: LeavesState }

/** Without a state of the same rule it starts from the rule's initial state. */
export function evidenceStep(memory: Memory | null, sample: Sample, rule: DetectRule): readonly [Memory, Evidence] {
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
      const [state, evidence] = stopsStep(memory?.rule === 'stops' ? memory.state : NOTHING_STANDS, sample, rule)
      return [{ rule: 'stops', state }, evidence]
    }
    case 'lingers': {
      const [state, level] = lingersStep(memory?.rule === 'lingers' ? memory.state : ABSENT, sample, rule)
      return [
        { rule: 'lingers', state },
        { level, since },
      ]
    }
    case 'leaves': {
      const [state, evidence] = leavesStep(memory?.rule === 'leaves' ? memory.state : NOBODY, sample, rule)
      return [{ rule: 'leaves', state }, evidence]
    }
  }
}
