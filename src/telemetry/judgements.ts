/** Pure rules of the health checks: from a number or a status to ok, warning or critical, with the sentence that says why. */

import type { CameraStatus, ImageProblem } from '../types.ts'
import type { HealthLimits } from './healthLimits.ts'
import type { HealthState } from './internalEvents.ts'

export interface Judgement {
  readonly check: string
  readonly subject: string
  readonly state: HealthState
  readonly detail: string
}

/** null while connecting: an attempt is no recovery, so a lost camera stays critical until frames arrive. */
export function judgeCamera({ camera, state, reason }: CameraStatus): Judgement | null {
  if (state === 'connecting') return null
  return {
    check: 'camera',
    subject: camera,
    state: state === 'offline' ? 'critical' : 'ok',
    detail: reason ?? state,
  }
}

export function judgeImage(camera: string, problem: ImageProblem | null): Judgement {
  return { check: 'image', subject: camera, state: problem ? 'warning' : 'ok', detail: problem ?? 'changing' }
}

export function judgeEncoder(variant: string, state: HealthState, detail: string): Judgement {
  return { check: 'encoder', subject: variant, state, detail }
}

export function judgeBroker(state: HealthState, detail: string): Judgement {
  return { check: 'broker', subject: 'mqtt', state, detail }
}

/** @param stalledSeconds for how long, while connected, the same change has been the oldest */
export function judgeDelivery(stalledSeconds: number, limits: HealthLimits): Judgement {
  const stalledMs = stalledSeconds * 1000
  const detail =
    stalledSeconds === 0
      ? 'nothing waits'
      : `the oldest change waits for ${Math.round(stalledSeconds)} s while connected`
  const state =
    stalledMs >= limits.deliveryStalledMs ? 'critical' : stalledMs >= limits.deliveryWarningMs ? 'warning' : 'ok'
  return { check: 'delivery', subject: 'mqtt', state, detail }
}

export interface FrameCount {
  readonly frames: number
  /** Time in which they were counted, ms. */
  readonly countedMs: number
  /** Configured frames a second. */
  readonly wantedFps: number
}

/** A count shorter than half of `windowMs` is not judged as slow. */
export function judgeFrameRate(
  camera: string,
  { frames, countedMs, wantedFps }: FrameCount,
  limits: HealthLimits,
): Judgement {
  const fps = (frames * 1000) / Math.max(1, countedMs)
  const isSlow = countedMs >= limits.windowMs / 2 && fps < wantedFps * limits.slowFraction
  const detail = `${fps.toFixed(2)} of ${wantedFps} frames a second`
  return { check: 'frame_rate', subject: camera, state: isSlow ? 'warning' : 'ok', detail }
}

/** @param errors decode errors of the last minute */
export function judgeDecoder(camera: string, errors: number, limits: HealthLimits): Judgement {
  const state = errors > limits.decodeErrorsPerMinute ? 'warning' : 'ok'
  return { check: 'decoder', subject: camera, state, detail: `${errors} decode errors in the last minute` }
}

/** @param seconds p99 of the event-loop delay */
export function judgeEventLoop(seconds: number, limits: HealthLimits): Judgement {
  const state =
    seconds > limits.eventLoopStuckSeconds ? 'critical' : seconds > limits.eventLoopSeconds ? 'warning' : 'ok'
  return { check: 'event_loop', subject: 'main', state, detail: `p99 delay ${(seconds * 1000).toFixed(0)} ms` }
}

/** @param free bytes; `hangs`: the disk does not answer */
export function judgeDisk(path: string, free: number | 'hangs', limits: HealthLimits): Judgement {
  const [check, subject] = ['disk', path]
  if (free === 'hangs') return { check, subject, state: 'critical', detail: 'the disk does not answer' }
  const state = free < limits.diskCriticalBytes ? 'critical' : free < limits.diskWarningBytes ? 'warning' : 'ok'
  return { check, subject, state, detail: `${Math.round(free / 1e6)} MB free` }
}
