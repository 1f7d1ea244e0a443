/** Health checks: internal events over time become a state per subject: ok, warning or critical. Each change is reported once. */

import type { CameraStatus, PictureProblem } from '../types.ts'
import type { HealthState, InternalEvent, Telemetry } from './internalEvents.ts'
import { type Steadied, steady } from './steady.ts'

/** Camera → frames a second that it is asked for. */
export type WantedFps = Readonly<Record<string, number>>

export interface HealthLimits {
  readonly wantedFps: WantedFps
  /** A camera below this share of its wanted rate is slow. */
  readonly slowShare: number
  /** Decoder complaints a minute that are too many. */
  readonly decodeErrorsPerMinute: number
  /** Event-loop delay p99 in seconds that is too long, and that no work can go on with. */
  readonly eventLoopSeconds: number
  readonly eventLoopStuckSeconds: number
  /** A broker away this long is critical, ms. */
  readonly brokerAwayMs: number
  /** A change that waits this long while the broker is connected, ms. */
  readonly deliveryWarningMs: number
  readonly deliveryStalledMs: number
  /** Free bytes under which a disk is nearly full, and full. */
  readonly diskWarningBytes: number
  readonly diskCriticalBytes: number
}

export const DEFAULT_LIMITS: HealthLimits = {
  wantedFps: {},
  slowShare: 0.5,
  decodeErrorsPerMinute: 60,
  eventLoopSeconds: 0.2,
  eventLoopStuckSeconds: 3,
  brokerAwayMs: 60_000,
  deliveryWarningMs: 60_000,
  deliveryStalledMs: 180_000,
  diskWarningBytes: 500e6,
  diskCriticalBytes: 50e6,
}

/** Measurements, as opposed to internal events. */
export interface Measurements {
  /** ms on a steady clock. */
  readonly now: number
  readonly eventLoopSeconds: number
  readonly disks: readonly { readonly path: string; readonly freeBytes: number }[]
}

export interface CheckedSubject {
  readonly check: string
  readonly subject: string
}

export interface HealthChecks {
  /** Takes what happened; `now` in ms on the clock of the measurements. */
  observe(internalEvent: InternalEvent, now: number): void
  /** To be called every few seconds: judges rates and measurements. */
  measure(measurements: Measurements): void
  /** Sets the watched cameras. Returns the checks of removed cameras, so that their topics can be cleared. */
  watch(wantedFps: WantedFps): readonly CheckedSubject[]
  /** `check/subject` → state, of all that have been judged so far. */
  states(): ReadonlyMap<string, HealthState>
}

/** Those whose subject is a camera. */
export const CAMERA_CHECKS = ['camera', 'picture', 'frame_rate', 'decoder'] as const

/** Rates are judged over this long. */
const WINDOW_MS = 60_000

export function createHealthChecks(limits: HealthLimits, telemetry: Telemetry): HealthChecks {
  const states = new Map<string, HealthState>()
  const measured = new Map<string, Steadied>()
  const gone = new Set<string>()
  let { wantedFps } = limits
  const frames = createRates()
  const complaints = createRates()
  const online = new Map<string, number>()
  let brokerAwaySince: number | null = null

  const judge = (check: string, subject: string, state: HealthState, detail: string) => {
    const key = `${check}/${subject}`
    const before = states.get(key)
    if (before === state) return
    states.set(key, state)
    telemetry.emit({ type: 'HealthChanged', check, subject, before: before ?? null, state, detail })
  }
  /** Load and disks hover about their limits: a measured state is not left at the first better measurement. */
  const judgeMeasured = (check: string, subject: string, state: HealthState, detail: string, now: number) => {
    const key = `${check}/${subject}`
    const steadied = steady(measured.get(key) ?? null, state, now)
    measured.set(key, steadied)
    judge(check, subject, steadied.state, detail)
  }
  const judgePicture = (camera: string, problem: PictureProblem | null) =>
    judge('picture', camera, problem ? 'warning' : 'ok', problem ?? 'changing')
  const calm = (healthChecks: readonly string[], camera: string, detail: string) => {
    for (const each of healthChecks) {
      measured.delete(`${each}/${camera}`)
      if (states.has(`${each}/${camera}`)) judge(each, camera, 'ok', detail)
    }
  }

  const judgeCamera = ({ camera, state, reason, problem }: CameraStatus, now: number) => {
    if (gone.has(camera)) return
    if (state !== 'online') online.delete(camera)
    else if (!online.has(camera)) online.set(camera, now)
    // An attempt is no recovery: what is lost stays critical until frames come.
    if (state !== 'connecting') judge('camera', camera, state === 'offline' ? 'critical' : 'ok', reason ?? state)
    if (state === 'online') judgePicture(camera, problem)
    // The camera is no longer watched: an old problem must not be reported for ever.
    if (state === 'disabled' || state === 'ended') calm(['picture', 'frame_rate', 'decoder'], camera, state)
  }

  /** Away for another reason is no better: only a connection is. */
  const judgeAbsence = (state: HealthState, detail: string) => {
    if (states.get('broker/mqtt') !== 'critical') judge('broker', 'mqtt', state, detail)
  }

  const judgeDelivery = (stalledSeconds: number) => {
    const isStalled = stalledSeconds * 1000 >= limits.deliveryStalledMs
    const isLate = stalledSeconds * 1000 >= limits.deliveryWarningMs
    const detail =
      stalledSeconds === 0
        ? 'nothing waits'
        : `the oldest change waits for ${Math.round(stalledSeconds)} s while connected`
    judge('delivery', 'mqtt', isStalled ? 'critical' : isLate ? 'warning' : 'ok', detail)
  }

  const judgeRates = (now: number) => {
    for (const [camera, since] of online) {
      const seen = Math.min(WINDOW_MS, now - since)
      const wanted = (Object.hasOwn(wantedFps, camera) && wantedFps[camera]) || 0
      const fps = (frames.count(camera, now) * 1000) / Math.max(1, seen)
      const slow = seen >= WINDOW_MS / 2 && fps < wanted * limits.slowShare
      const rate = `${fps.toFixed(2)} of ${wanted} frames a second`
      judgeMeasured('frame_rate', camera, slow ? 'warning' : 'ok', rate, now)
      const errors = complaints.count(camera, now)
      const many = errors > limits.decodeErrorsPerMinute
      const complained = `${errors} decoder complaints in the last minute`
      judgeMeasured('decoder', camera, many ? 'warning' : 'ok', complained, now)
    }
  }

  return {
    states: () => states,
    observe(internalEvent, now) {
      switch (internalEvent.type) {
        case 'CameraStatusChanged':
          return judgeCamera(internalEvent.status, now)
        case 'CameraProblemChanged':
          return judgePicture(internalEvent.camera, internalEvent.problem)
        case 'FrameReceived':
          return frames.add(internalEvent.camera, 1, now)
        case 'DecodeErrors':
          return complaints.add(internalEvent.camera, internalEvent.count, now)
        case 'EncoderCrashed':
          return judge('encoder', internalEvent.variant, 'critical', internalEvent.error)
        case 'EncoderRestarted':
          return judge('encoder', internalEvent.variant, 'ok', 'restarted')
        case 'BatchEncoded':
          return judge('encoder', internalEvent.variant, 'ok', 'encoding')
        case 'MqttConnected':
          brokerAwaySince = null
          return judge('broker', 'mqtt', 'ok', 'connected')
        case 'DeliveryMeasured':
          return judgeDelivery(internalEvent.stalledSeconds)
        case 'MqttDisconnected':
          brokerAwaySince ??= now
          return judgeAbsence(internalEvent.advice === null ? 'warning' : 'critical', internalEvent.error)
      }
    },
    measure({ now, eventLoopSeconds, disks }) {
      judgeRates(now)
      if (brokerAwaySince !== null && now - brokerAwaySince >= limits.brokerAwayMs)
        judgeAbsence('critical', `away for more than ${Math.round(limits.brokerAwayMs / 1000)} s`)
      const isStuck = eventLoopSeconds > limits.eventLoopStuckSeconds
      const pace = isStuck ? 'critical' : eventLoopSeconds > limits.eventLoopSeconds ? 'warning' : 'ok'
      judgeMeasured('event_loop', 'main', pace, `p99 delay ${(eventLoopSeconds * 1000).toFixed(0)} ms`, now)
      for (const { path, freeBytes } of disks) {
        const state =
          freeBytes < limits.diskCriticalBytes ? 'critical' : freeBytes < limits.diskWarningBytes ? 'warning' : 'ok'
        judgeMeasured('disk', path, state, `${Math.round(freeBytes / 1e6)} MB free`, now)
      }
    },
    watch(next) {
      for (const camera of Object.keys(next)) gone.delete(camera)
      const left = Object.keys(wantedFps).filter(camera => !Object.hasOwn(next, camera))
      wantedFps = next
      return left.flatMap(camera => {
        gone.add(camera)
        for (const each of [online, frames, complaints]) each.delete(camera)
        for (const check of CAMERA_CHECKS) measured.delete(`${check}/${camera}`)
        return CAMERA_CHECKS.filter(check => states.delete(`${check}/${camera}`)).map(check => ({
          check,
          subject: camera,
        }))
      })
    },
  }
}

/** Counts per subject over a sliding window, in buckets of a second. */
function createRates() {
  const buckets = new Map<string, Map<number, number>>()
  return {
    add(subject: string, count: number, now: number): void {
      const second = Math.floor(now / 1000)
      const own = buckets.get(subject) ?? new Map<number, number>()
      own.set(second, (own.get(second) ?? 0) + count)
      buckets.set(subject, own)
      if (own.size > (2 * WINDOW_MS) / 1000)
        for (const key of own.keys()) if (key < second - WINDOW_MS / 1000) own.delete(key)
    },
    delete(subject: string): void {
      buckets.delete(subject)
    },
    count(subject: string, now: number): number {
      const from = (now - WINDOW_MS) / 1000
      return [...(buckets.get(subject) ?? [])].reduce((sum, [second, count]) => sum + (second >= from ? count : 0), 0)
    },
  }
}
