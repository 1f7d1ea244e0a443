/** Runs a rule on each view of a camera, and takes the strongest evidence. Pure. */

import type { ScoredView } from '../../types.ts'
import type { DetectRule } from './detectRule.ts'
import type { Evidence, Sample } from './evidence.ts'
import { evidenceStep, type RuleState } from './evidenceStep.ts'
import { NOTHING_NEW } from './stopsStep.ts'

/** A rule's states for one event. */
export interface ViewMemories {
  readonly rule: DetectRule['rule']
  /** View id → state, with the time when the view was last seen, ms. */
  readonly views: ReadonlyMap<string, ViewMemoryState>
}

interface ViewMemoryState {
  readonly state: RuleState
  readonly seenAt: number
  /** Of the newest frame in which the event counted in the view. */
  readonly evidence: Evidence
}

export interface ViewEvidence extends Evidence {
  /** The view that shows it; null when the event counts in none. */
  readonly view: ScoredView | null
  /** Smoothed score of that view, [0, 1]. */
  readonly score: number
}

export interface ViewsOfFrame {
  /** Frame time, ms. */
  readonly at: number
  readonly event: string
  readonly views: readonly ScoredView[]
  readonly followed: readonly string[]
}

/** A view that ended stays known for so long, without any score: what moved in it has left. */
const REMEMBER_MS = 10_000

/** The state of a crop that begins; other rules than `stops` do not use it. */
const BEGUN: RuleState = { rule: 'stops', state: NOTHING_NEW }

/** The key of the one state of rules for which motion does not count. */
const ANY_VIEW = 'any'

/**
 * For rules about motion, views do not mix: motion in one says nothing about what another shows. For the others an event
 * is there while any view shows it: what becomes too large for its crop has not left.
 *
 * A view that is still followed but has no score now (its crop was dropped, or its subject reaches out of the zone) says
 * nothing: its state waits. A view that ended shows nothing.
 * @param views those of the frame; the event counts in those that have a score for it
 * @param followed ids of all views of the frame
 */
export function viewEvidence(
  before: ViewMemories | null,
  { at, event, views, followed }: ViewsOfFrame,
  rule: DetectRule,
): readonly [ViewMemories, ViewEvidence] {
  const known = before?.rule === rule.rule ? before.views : new Map<string, ViewMemoryState>()
  const counted = views.filter(({ scores }) => event in scores)
  const strongest = counted.reduce<ScoredView | null>(
    (best, view) => (best === null || scoreOf(view, event) > scoreOf(best, event) ? view : best),
    null,
  )
  const next = new Map<string, ViewMemoryState>()
  let best: ViewEvidence = { level: 0, since: at, view: strongest, score: scoreOf(strongest, event) }
  const take = (evidence: Evidence, view: ScoredView | null) => {
    // Of two ends the earlier one counts: rules date them back.
    const isEarlier = evidence.level === best.level && evidence.since < best.since
    if (evidence.level > best.level || isEarlier)
      best = { ...evidence, view: view ?? strongest, score: scoreOf(view ?? strongest, event) }
  }
  const run = (id: string, seenAt: number, view: ScoredView | null) => {
    const last = known.get(id)?.state ?? (view?.view.kind === 'crop' ? BEGUN : null)
    const [state, evidence] = evidenceStep(last, sampleOf(view, event, at), rule)
    next.set(id, { state, seenAt, evidence })
    take(evidence, view)
  }
  if (!countsMotion(rule)) run(ANY_VIEW, at, strongest)
  else {
    for (const view of counted) run(view.view.id, at, view)
    for (const [id, memory] of known) {
      if (next.has(id)) continue
      if (followed.includes(id)) {
        next.set(id, { ...memory, seenAt: at })
        take(memory.evidence, null)
      } else if (at - memory.seenAt < REMEMBER_MS) run(id, memory.seenAt, null)
    }
  }
  return [{ rule: rule.rule, views: next }, best]
}

function countsMotion({ rule }: DetectRule): boolean {
  return rule === 'moves' || rule === 'stops'
}

function scoreOf(view: ScoredView | null, event: string): number {
  return view?.scores[event] ?? 0
}

/** @param view null: nothing shows the event */
function sampleOf(view: ScoredView | null, event: string, at: number): Sample {
  const score = scoreOf(view, event)
  const { motion, settled } = view?.view ?? { motion: 0, settled: 0 }
  return { at, score, rawScore: view?.rawScores[event] ?? score, motion, settled }
}
