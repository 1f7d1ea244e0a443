/** Each rule's view of a frame as one number that the trigger understands. A new rule: one file, one case here. */

import { type LeavesState, leavesStep, NOBODY } from './leaves.ts'
import { ABSENT, lingersStep, type PresenceState } from './lingers.ts'
import { type MovesState, movesStep, NEVER_MOVED } from './moves.ts'
import type { DetectRule, Sample } from './rule.ts'
import { NOTHING_STANDS, type StopsState, stopsStep } from './stops.ts'

/** What a rule remembers of one camera. */
export type Memory =
  | { readonly rule: 'present' | 'level' }
  | { readonly rule: 'moves'; readonly state: MovesState }
  | { readonly rule: 'stops'; readonly state: StopsState }
  | { readonly rule: 'lingers'; readonly state: PresenceState }
  | { readonly rule: 'leaves'; readonly state: LeavesState }

/** @returns the evidence in [0, 1]. A memory of another rule, or none, begins anew. */
export function evidenceStep(memory: Memory | null, sample: Sample, rule: DetectRule): readonly [Memory, number] {
  switch (rule.rule) {
    case 'present':
    case 'level':
      return [{ rule: rule.rule }, sample.score]
    case 'moves': {
      const [state, evidence] = movesStep(memory?.rule === 'moves' ? memory.state : NEVER_MOVED, sample, rule)
      return [{ rule: 'moves', state }, evidence]
    }
    case 'stops': {
      const [state, evidence] = stopsStep(memory?.rule === 'stops' ? memory.state : NOTHING_STANDS, sample, rule)
      return [{ rule: 'stops', state }, evidence]
    }
    case 'lingers': {
      const [state, evidence] = lingersStep(memory?.rule === 'lingers' ? memory.state : ABSENT, sample, rule)
      return [{ rule: 'lingers', state }, evidence]
    }
    case 'leaves': {
      const [state, evidence] = leavesStep(memory?.rule === 'leaves' ? memory.state : NOBODY, sample, rule)
      return [{ rule: 'leaves', state }, evidence]
    }
  }
}
