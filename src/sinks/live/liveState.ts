/** The state of the live status, collected from outcomes and internal events. */

import type { InternalEvent } from '../../telemetry/internalEvents.ts'
import type { CameraStatus, Outcome, WatchEvent } from '../../types.ts'
import { byName } from '../../util/byName.ts'

export interface CameraLine {
  state: CameraStatus['state']
  detail: string | null
  /** Time of the next attempt, ms since the epoch; null when none is planned. */
  retryAt: number | null
  problem: CameraStatus['problem']
  /** Arrival times of the newest frames, ms. */
  readonly arrivals: number[]
  motion: number
  scores: Readonly<Record<string, number>>
  dropped: number
}

export interface LiveState {
  readonly cameras: Map<string, CameraLine>
  /** Newest first. */
  readonly events: WatchEvent[]
  encoded: number
  skipped: number
  /** Seconds per encoded image, averaged over the newest batches. */
  secondsPerImage: number
  published: number
  waiting: number
}

const KEPT_ARRIVALS = 20
const KEPT_EVENTS = 8
/** Weight of a new batch in the running average. */
const FRESHNESS = 0.1

export function createLiveState(cameras: readonly string[] = []): LiveState {
  return {
    cameras: new Map(cameras.map(name => [name, newLine()])),
    events: [],
    encoded: 0,
    skipped: 0,
    secondsPerImage: 0,
    published: 0,
    waiting: 0,
  }
}

function newLine(): CameraLine {
  return {
    state: 'connecting',
    detail: null,
    retryAt: null,
    problem: null,
    arrivals: [],
    motion: 0,
    scores: byName([]),
    dropped: 0,
  }
}

/** Applies the cameras of a reload: new ones begin as connecting. */
export function watchCameras(state: LiveState, cameras: readonly string[]): void {
  for (const name of [...state.cameras.keys()]) if (!cameras.includes(name)) state.cameras.delete(name)
  for (const name of cameras) if (!state.cameras.has(name)) state.cameras.set(name, newLine())
}

/** Adds one outcome of the pipeline. */
export function showOutcome(state: LiveState, outcome: Outcome): void {
  if (outcome.kind === 'event') {
    const known = state.events.findIndex(({ id }) => id === outcome.after.id)
    if (known >= 0) state.events[known] = outcome.after
    else state.events.unshift(outcome.after)
    state.events.length = Math.min(state.events.length, KEPT_EVENTS)
    return
  }
  const line = state.cameras.get(outcome.kind === 'frame' ? outcome.frame.camera : outcome.camera)
  if (!line) return
  if (outcome.kind === 'status') {
    const { state: now, detail, problem, at, retryInMs } = outcome
    Object.assign(line, { state: now, detail, problem, retryAt: retryInMs === null ? null : at + retryInMs })
    if (outcome.state !== 'online') Object.assign(line, { motion: 0, scores: byName([]), arrivals: [] })
    return
  }
  line.arrivals.push(outcome.frame.capturedAt)
  if (line.arrivals.length > KEPT_ARRIVALS) line.arrivals.shift()
  Object.assign(line, { motion: outcome.frame.motion, scores: outcome.scores, problem: outcome.frame.problem })
}

/** Adds one internal event; those that the status does not show are ignored. */
export function showInternalEvent(state: LiveState, internalEvent: InternalEvent): void {
  switch (internalEvent.type) {
    case 'BatchEncoded': {
      state.encoded += internalEvent.size
      const seconds = internalEvent.seconds / internalEvent.size
      state.secondsPerImage += (state.secondsPerImage === 0 ? 1 : FRESHNESS) * (seconds - state.secondsPerImage)
      return
    }
    case 'FrameSkipped':
      state.skipped += 1
      return
    case 'FramesDropped': {
      const line = state.cameras.get(internalEvent.camera)
      if (line) line.dropped += internalEvent.count
      return
    }
    case 'MqttPublished':
      if (internalEvent.result === 'acknowledged') state.published += 1
      return
    case 'OutboxChanged':
      state.waiting = internalEvent.messages
  }
}

/** Frames per second over the newest arrivals; 0 when there are too few. */
export function fpsOf({ arrivals }: CameraLine): number {
  const [first, last] = [arrivals[0], arrivals.at(-1)]
  if (first === undefined || last === undefined || last <= first) return 0
  return ((arrivals.length - 1) * 1000) / (last - first)
}
