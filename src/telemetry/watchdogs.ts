/** Watchdogs: what happened, over time, becomes a state per subject: ok, warning or critical. Each change is told once. */

import type { CameraStatus } from '../types.ts'
import type { Happening, Telemetry } from './happenings.ts'

export type WatchdogState = 'ok' | 'warning' | 'critical'

export interface WatchdogLimits {
  /** Frames a second that each camera is asked for. */
  readonly wantedFps: Readonly<Record<string, number>>
  /** A camera below this share of its wanted rate is slow. */
  readonly slowShare: number
  /** Decoder complaints a minute that are too many. */
  readonly decodeErrorsPerMinute: number
  /** Event-loop delay p99 in seconds that is too long. */
  readonly eventLoopSeconds: number
  /** A broker away this long is critical, ms. */
  readonly brokerAwayMs: number
  /** Free bytes under which a disk is nearly full, and full. */
  readonly diskWarningBytes: number
  readonly diskCriticalBytes: number
}

export const DEFAULT_LIMITS: WatchdogLimits = {
  wantedFps: {},
  slowShare: 0.5,
  decodeErrorsPerMinute: 60,
  eventLoopSeconds: 0.2,
  brokerAwayMs: 60_000,
  diskWarningBytes: 500e6,
  diskCriticalBytes: 50e6,
}

/** What is measured rather than told. */
export interface Measurements {
  /** ms on a steady clock. */
  readonly now: number
  readonly eventLoopSeconds: number
  readonly disks: readonly { readonly path: string; readonly freeBytes: number }[]
}

export interface Watchdogs {
  /** Takes what happened; `now` in ms on the clock of the measurements. */
  happened(happening: Happening, now: number): void
  /** To be called every few seconds: judges rates and measurements. */
  measure(measurements: Measurements): void
  /** `watchdog/subject` → state, of all that have been judged so far. */
  states(): ReadonlyMap<string, WatchdogState>
}

/** Rates are judged over this long. */
const WINDOW_MS = 60_000

export function createWatchdogs(limits: WatchdogLimits, telemetry: Telemetry): Watchdogs {
  const states = new Map<string, WatchdogState>()
  const frames = createRates()
  const complaints = createRates()
  const online = new Map<string, number>()
  let brokerAwaySince: number | null = null

  const judge = (watchdog: string, subject: string, state: WatchdogState, detail: string) => {
    const key = `${watchdog}/${subject}`
    const before = states.get(key)
    if (before === state) return
    states.set(key, state)
    if (before !== undefined || state !== 'ok')
      telemetry.emit({ type: 'WatchdogChanged', watchdog, subject, state, detail })
  }

  const judgeCamera = ({ camera, state, reason, problem }: CameraStatus, now: number) => {
    if (state !== 'online') online.delete(camera)
    else if (!online.has(camera)) online.set(camera, now)
    // An attempt is no recovery: what is lost stays critical until frames come.
    if (state !== 'connecting') judge('camera', camera, state === 'offline' ? 'critical' : 'ok', reason ?? state)
    if (state === 'online') judge('picture', camera, problem ? 'warning' : 'ok', problem ?? 'changing')
  }

  const judgeRates = (now: number) => {
    for (const [camera, since] of online) {
      const seen = Math.min(WINDOW_MS, now - since)
      const wanted = limits.wantedFps[camera] ?? 0
      const fps = (frames.count(camera, now) * 1000) / Math.max(1, seen)
      const slow = seen >= WINDOW_MS / 2 && fps < wanted * limits.slowShare
      judge('frame_rate', camera, slow ? 'warning' : 'ok', `${fps.toFixed(2)} of ${wanted} frames a second`)
      const errors = complaints.count(camera, now)
      const many = errors > limits.decodeErrorsPerMinute
      judge('decoder', camera, many ? 'warning' : 'ok', `${errors} decoder complaints in the last minute`)
    }
  }

  return {
    states: () => states,
    happened(happening, now) {
      switch (happening.type) {
        case 'CameraStatusChanged':
          return judgeCamera(happening.status, now)
        case 'CameraProblemChanged':
          return judge(
            'picture',
            happening.camera,
            happening.problem ? 'warning' : 'ok',
            happening.problem ?? 'changing',
          )
        case 'FrameReceived':
          return frames.add(happening.camera, 1, now)
        case 'DecoderComplained':
          return complaints.add(happening.camera, happening.count, now)
        case 'EncoderCrashed':
          return judge('encoder', happening.variant, 'critical', happening.error)
        case 'EncoderRestarted':
          return judge('encoder', happening.variant, 'ok', 'restarted')
        case 'BatchEncoded':
          return judge('encoder', happening.variant, 'ok', 'encoding')
        case 'MqttConnected':
          brokerAwaySince = null
          return judge('broker', 'mqtt', 'ok', 'connected')
        case 'MqttDisconnected':
          brokerAwaySince ??= now
          return judge('broker', 'mqtt', 'warning', happening.error ?? 'connection lost')
      }
    },
    measure({ now, eventLoopSeconds, disks }) {
      judgeRates(now)
      if (brokerAwaySince !== null && now - brokerAwaySince >= limits.brokerAwayMs)
        judge('broker', 'mqtt', 'critical', `away for more than ${Math.round(limits.brokerAwayMs / 1000)} s`)
      const slow = eventLoopSeconds > limits.eventLoopSeconds
      judge('event_loop', 'main', slow ? 'warning' : 'ok', `p99 delay ${(eventLoopSeconds * 1000).toFixed(0)} ms`)
      for (const { path, freeBytes } of disks) {
        const state =
          freeBytes < limits.diskCriticalBytes ? 'critical' : freeBytes < limits.diskWarningBytes ? 'warning' : 'ok'
        judge('disk', path, state, `${Math.round(freeBytes / 1e6)} MB free`)
      }
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
    count(subject: string, now: number): number {
      const from = (now - WINDOW_MS) / 1000
      return [...(buckets.get(subject) ?? [])].reduce((sum, [second, count]) => sum + (second >= from ? count : 0), 0)
    },
  }
}
