/** Runs a rule on each view of a camera, and takes the strongest evidence. Pure. */

import type { ScoredView } from '../../types.ts'
import type { DetectRule } from './detectRule.ts'
import type { Evidence } from './evidence.ts'
import { evidenceStep, type RuleState } from './evidenceStep.ts'

/** A rule's states for one event. */
export interface ViewMemories {
  readonly rule: DetectRule['rule']
  /** View id → state, with the time when the view was last seen, ms. */
  readonly views: ReadonlyMap<string, ViewMemoryState>
}

interface ViewMemoryState {
  readonly state: RuleState
  readonly seenAt: number
}

export interface ViewEvidence extends Evidence {
  /** The view that shows it; null when the event counts in none. */
  readonly view: ScoredView | null
  /** Smoothed score of that view, [0, 1]. */
  readonly score: number
}

/** A view that ended stays known for so long, without any score: what left with its crop has left. */
const REMEMBER_MS = 10_000

/**
 * Views do not mix: motion in one says nothing about what another shows.
 * @param views those of the frame; the event counts in those that have a score for it
 */
export function viewEvidence(
  before: ViewMemories | null,
  { at, event, views }: { readonly at: number; readonly event: string; readonly views: readonly ScoredView[] },
  rule: DetectRule,
): readonly [ViewMemories, ViewEvidence] {
  const known = before?.rule === rule.rule ? before.views : new Map<string, ViewMemoryState>()
  const counted = views.filter(({ scores }) => event in scores)
  const next = new Map<string, ViewMemoryState>()
  let best: ViewEvidence = { level: 0, since: at, view: null, score: 0 }
  const run = (id: string, seenAt: number, view: ScoredView | null) => {
    const score = view?.scores[event] ?? 0
    const sample = {
      at,
      score,
      rawScore: view?.rawScores[event] ?? score,
      motion: view?.view.motion ?? 0,
      settled: view?.view.settled ?? 0,
    }
    const [state, evidence] = evidenceStep(known.get(id)?.state ?? null, sample, rule)
    next.set(id, { state, seenAt })
    const isStronger = evidence.level > best.level || (evidence.level === best.level && score > best.score)
    if (isStronger || best.view === null) best = { ...evidence, view: view ?? best.view, score }
  }
  for (const view of counted) run(view.view.id, at, view)
  for (const [id, { seenAt }] of known) if (!next.has(id) && at - seenAt < REMEMBER_MS) run(id, seenAt, null)
  return [{ rule: rule.rule, views: next }, best]
}
