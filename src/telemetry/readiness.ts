/** Ready or not: what /readyz and /healthz answer, folded from the happenings. */

import type { Happening } from './happenings.ts'

export interface Readiness {
  /** The model is loaded. */
  readonly started: boolean
  readonly stopping: boolean
  /** The encoder worker is gone and not yet back. */
  readonly encoderDown: boolean
  /** A camera delivered a frame, or a file was read to its end: the way in works. */
  readonly seen: boolean
  /** Watchdogs that say critical, as `watchdog/subject`. */
  readonly critical: readonly string[]
}

export const NOT_READY: Readiness = { started: false, stopping: false, encoderDown: false, seen: false, critical: [] }

/** Ready means: frames come in and are encoded. The broker does not count: events wait on disk for it. */
export function isReady({ started, stopping, encoderDown, seen }: Readiness): boolean {
  return started && seen && !stopping && !encoderDown
}

/** Healthy means: no watchdog says that a restart is needed. */
export function isHealthy({ critical }: Readiness): boolean {
  return critical.length === 0
}

export function stepReadiness(state: Readiness, happening: Happening): Readiness {
  switch (happening.type) {
    case 'Started':
      return { ...state, started: true }
    case 'Stopping':
      return { ...state, stopping: true }
    case 'EncoderCrashed':
      return { ...state, encoderDown: true }
    case 'EncoderRestarted':
      return { ...state, encoderDown: false }
    case 'FrameReceived':
      return state.seen ? state : { ...state, seen: true }
    case 'CameraStatusChanged':
      return happening.status.state === 'ended' ? { ...state, seen: true } : state
    case 'WatchdogChanged': {
      const key = `${happening.watchdog}/${happening.subject}`
      const others = state.critical.filter(each => each !== key)
      return { ...state, critical: happening.state === 'critical' ? [...others, key] : others }
    }
    default:
      return state
  }
}
