/** Follows the pipeline's outcomes and makes the trace of every event. */

import type { ScoringTexts } from '../scoringTypes.ts'
import type { EventChange, Outcome, ScoredFrame } from '../types.ts'
import { createRecentFrames, phrasesOfEvent, type RecentFrames } from './createRecentFrames.ts'
import { AROUND_MS, type TraceModel, type TraceRecord, type TraceRule, traceFileName } from './eventTrace.ts'
import { type OpenTrace, openTrace } from './openTrace.ts'

export interface EventTracesOptions {
  /** In force now. */
  readonly texts: () => ScoringTexts
  /** In force now; null: the event is not watched for any more. */
  readonly rule: (camera: string, event: string) => TraceRule | null
  readonly model: TraceModel
  /** Takes a record for the file of this name. */
  readonly write: (file: string, record: TraceRecord) => void
}

export interface EventTraces {
  /** Outcomes in order per camera. */
  take(outcome: Outcome): void
  /** Ends all traces. */
  finish(): void
}

interface CameraTraces {
  readonly recent: RecentFrames
  /** Event id → trace. */
  readonly open: Map<string, OpenTrace>
}

export function createEventTraces({ texts, rule, model, write }: EventTracesOptions): EventTraces {
  const cameras = new Map<string, CameraTraces>()
  const cameraOf = (camera: string): CameraTraces => {
    const known = cameras.get(camera) ?? { recent: createRecentFrames(), open: new Map() }
    cameras.set(camera, known)
    return known
  }
  const finish = ({ open }: CameraTraces, isOver: (trace: OpenTrace) => boolean) => {
    for (const [id, trace] of open) {
      if (!isOver(trace)) continue
      trace.finish()
      open.delete(id)
    }
  }
  const takeFrame = (scored: ScoredFrame) => {
    const camera = cameraOf(scored.frame.camera)
    const frame = camera.recent.add(scored, texts())
    finish(camera, trace => !trace.add(frame))
  }
  const begin = ({ after }: EventChange, { recent, open }: CameraTraces): void => {
    const { id, camera, event, startTime } = after
    const current = rule(camera, event)
    if (current === null) return
    const head = { id, camera, event, startTime, rule: current, model, phrases: phrasesOfEvent(texts(), event) }
    const trace = openTrace(head, texts(), record => write(traceFileName(startTime), record))
    for (const frame of recent.since(startTime - AROUND_MS)) trace.add(frame)
    open.set(id, trace)
  }
  return {
    take: outcome => {
      if (outcome.kind === 'frame') takeFrame(outcome)
      else if (outcome.kind === 'event') {
        const camera = cameraOf(outcome.after.camera)
        if (outcome.type === 'new') begin(outcome, camera)
        const { id, why, topTime } = outcome.after
        camera.open.get(id)?.change(outcome, camera.recent.at(why?.at ?? topTime))
      } else if (outcome.state === 'offline' || outcome.state === 'ended' || outcome.state === 'disabled') {
        const camera = cameraOf(outcome.camera)
        finish(camera, trace => trace.isEnded())
        camera.recent.clear()
      }
    },
    finish: () => {
      for (const camera of cameras.values()) finish(camera, () => true)
    },
  }
}
