/** Runs all rules of one camera on its frames and statuses. Pure. */

import type { Why } from '../../scoringTypes.ts'
import type { CameraStatus, EndReason, EventChange, ScoredFrame, ScoredView, Signal } from '../../types.ts'
import { elapsedMs } from '../elapsedMs.ts'
import type { DetectRule } from './detectRule.ts'
import { endEvent, type FrameSample, followEvent, type OpenEvent, openEvent } from './openEvent.ts'
import { restingUntil, type TriggerState, triggerStep } from './triggerStep.ts'
import { type ViewMemories, viewEvidence } from './viewEvidence.ts'
import { whereOf } from './whereOf.ts'

export interface CameraOptions {
  /** Events that are enabled on the camera now, by name. */
  readonly rules: ReadonlyMap<string, DetectRule>
  readonly updateEveryMs: number
  readonly gapMs: number
  /** Why a view decided for an event of the camera. Called when an event starts, and at each new peak. Default: unknown. */
  readonly explain?: ExplainView
}

export type ExplainView = (event: string, view: ScoredView) => Omit<Why, 'at'> | null

export interface CameraState {
  /** Frame time of the newest frame that was evaluated, ms; null before the first. */
  readonly at: number | null
  readonly watches: ReadonlyMap<string, Watch>
}

/** One event of the camera. */
interface Watch {
  readonly memory: ViewMemories
  /** Of the newest frame that was evaluated. */
  readonly judged: NonNullable<ScoredFrame['evidence']>[string]
  readonly trigger: TriggerState
  readonly open: OpenEvent | null
}

type Result = readonly [CameraState, readonly EventChange[]]

export const UNWATCHED: CameraState = { at: null, watches: new Map() }

const ENDS: Readonly<Partial<Record<CameraStatus['state'], EndReason>>> = {
  offline: 'camera_offline',
  ended: 'shutdown',
  disabled: 'config_change',
}

export function cameraStep(state: CameraState, signal: Signal<ScoredFrame>, options: CameraOptions): Result {
  if (signal.kind === 'frame')
    return signal.frame.problem ? blindStep(state, signal, options) : frameStep(state, signal, options)
  const reason = ENDS[signal.state]
  return reason ? [UNWATCHED, endAll(state, reason)] : [state, []]
}

/** Ends all open events at the newest frame. */
export function endAll({ at, watches }: CameraState, reason: EndReason): EventChange[] {
  return [...watches.values()].flatMap(({ open }) => (open ? endEvent(open, at ?? open.event.frameTime, reason) : []))
}

function frameStep(state: CameraState, scored: ScoredFrame, options: CameraOptions): Result {
  const { capturedAt } = scored.frame
  const elapsed = state.at === null ? 0 : elapsedMs(state.at, capturedAt, options.gapMs)
  if (elapsed === null) {
    // Nothing is known about the time in between.
    const [next, changes] = frameStep(UNWATCHED, scored, options)
    return [next, [...endAll(state, 'camera_offline'), ...changes]]
  }
  const at = state.at === null ? capturedAt : state.at + elapsed
  const scorable = new Map([...options.rules].filter(([event]) => event in scored.scores))
  const changes = endUnwatched(state, scorable)
  const watches = new Map<string, Watch>()
  for (const [event, rule] of scorable) {
    const [watch, more] = watchStep(kept(state.watches.get(event), rule), { at, event, scored, rule, options })
    watches.set(event, watch)
    changes.push(...more)
  }
  return [{ at, watches }, changes]
}

/** A frozen or dark image: nothing starts and no score ends an event, but open events end after the gap limit. */
function blindStep(state: CameraState, { frame }: ScoredFrame, options: CameraOptions): Result {
  if (state.at === null || elapsedMs(state.at, frame.capturedAt, options.gapMs) !== null) return [state, []]
  return [UNWATCHED, endAll(state, 'camera_offline')]
}

interface Step {
  readonly at: number
  readonly event: string
  readonly scored: ScoredFrame
  readonly rule: DetectRule
  readonly options: CameraOptions
}

function watchStep(watch: Watch | null, step: Step): readonly [Watch, EventChange[]] {
  const { at, event, scored, rule, options } = step
  const { frame, variant, views } = scored
  const followed = frame.views.map(({ id }) => id)
  const [memory, evidence] = viewEvidence(watch?.memory ?? null, { at, event, views, followed }, rule)
  const [trigger, change] = triggerStep(watch?.trigger ?? restingUntil(at), evidence, at, rule.trigger)
  const moment: FrameSample = {
    at,
    score: rule.rule === 'leaves' ? 1 - evidence.score : evidence.score,
    picture: { jpeg: frame.jpeg, ...whereOf(evidence.view, frame.size) },
    variant,
    why: () => whyOf(evidence.view, step),
  }
  const judged = { view: evidence.view?.view.id ?? null, level: evidence.level }
  const next = { memory, judged, trigger }

  if (change?.type === 'start') {
    const begun = { camera: frame.camera, event, startTime: change.at, frameSeq: frame.seq }
    const [open, opened] = openEvent(begun, moment)
    return [{ ...next, open }, [opened]]
  }
  if (!watch?.open) return [{ ...next, open: null }, []]
  if (change?.type === 'end')
    return [{ ...next, open: null }, endEvent(atLastFrame(watch.open, moment), change.at, change.reason)]
  const [open, peak] = followEvent(watch.open, moment, options.updateEveryMs)
  return [{ ...next, open }, peak ? [peak] : []]
}

/** Null while the smoothed score only follows earlier images: then this one does not show what it says. */
function whyOf(view: ScoredView | null, { at, event, rule, options }: Step): Why | null {
  const [score = 0, raw = 0] = [view?.scores[event], view?.rawScores[event]]
  if (view === null || (rule.rule === 'leaves' ? raw > score : raw < score)) return null
  const why = options.explain?.(event, view) ?? null
  return why && { at, ...why }
}

/** The frame that ends an event updates its time and score, but cannot become its peak. */
function atLastFrame(open: OpenEvent, { at, score }: FrameSample): OpenEvent {
  return { ...open, event: { ...open.event, frameTime: at, score } }
}

/** Events that are no longer enabled, or have another rule now, end at the newest frame. */
function endUnwatched({ at, watches }: CameraState, rules: ReadonlyMap<string, DetectRule>): EventChange[] {
  const gone = [...watches].filter(([event, watch]) => kept(watch, rules.get(event)) === null)
  return endAll({ at, watches: new Map(gone) }, 'config_change')
}

function kept(watch: Watch | undefined, rule: DetectRule | undefined): Watch | null {
  return watch && watch.memory.rule === rule?.rule ? watch : null
}
