/** Ready or not: what /readyz and /healthz answer, folded from the internal events. */

import type { InternalEvent } from './internalEvents.ts'

export interface Readiness {
  /** The model is loaded. */
  readonly started: boolean
  readonly stopping: boolean
  /** The encoder worker has ended and is not yet restarted. */
  readonly encoderDown: boolean
  /** A camera delivered a frame, or a file was read to its end: the way in works. */
  readonly seen: boolean
  /** Critical health checks of this process, as `check/subject`. */
  readonly critical: readonly string[]
}

/** Checks that a restart can fix. A lost camera, an absent broker or a full disk is not one of them. */
const OURS = new Set(['encoder', 'event_loop'])

export const NOT_READY: Readiness = { started: false, stopping: false, encoderDown: false, seen: false, critical: [] }

/** Ready means: frames come in and are encoded. The broker does not count: events wait on disk for it. */
export function isReady({ started, stopping, encoderDown, seen }: Readiness): boolean {
  return started && seen && !stopping && !encoderDown
}

/** Healthy means that no check is critical that a restart would fix. */
export function isHealthy({ critical }: Readiness): boolean {
  return critical.length === 0
}

export function stepReadiness(state: Readiness, internalEvent: InternalEvent): Readiness {
  switch (internalEvent.type) {
    case 'Started':
      return { ...state, started: true }
    case 'Stopping':
      return { ...state, stopping: true }
    case 'EncoderCrashed':
      return { ...state, encoderDown: true }
    case 'EncoderRestarted':
      return { ...state, encoderDown: false }
    case 'BatchEncoded':
      // A worker that refused one batch is not restarted: the next batch says that it lives.
      return state.encoderDown ? { ...state, encoderDown: false } : state
    case 'FrameReceived':
      return state.seen ? state : { ...state, seen: true }
    case 'CameraStatusChanged':
      return internalEvent.status.state === 'ended' ? { ...state, seen: true } : state
    case 'HealthChanged': {
      if (!OURS.has(internalEvent.check)) return state
      const key = `${internalEvent.check}/${internalEvent.subject}`
      const others = state.critical.filter(each => each !== key)
      return { ...state, critical: internalEvent.state === 'critical' ? [...others, key] : others }
    }
    default:
      return state
  }
}
