/** Health checks: internal events and measurements become a state per subject (ok, warning, critical); each change is emitted once. */

import type { HealthLimits, WantedFps } from './healthLimits.ts'
import type { HealthState, InternalEvent, Telemetry } from './internalEvents.ts'
import {
  type Judgement,
  judgeBroker,
  judgeCamera,
  judgeDecoder,
  judgeDelivery,
  judgeDisk,
  judgeEncoder,
  judgeEventLoop,
  judgeFrameRate,
  judgeImage,
} from './judgements.ts'
import { createRates } from './rates.ts'
import { type Steadied, steady } from './steady.ts'

/** Values that are polled, not emitted. */
export interface Measurements {
  /** ms on a steady clock. */
  readonly now: number
  readonly eventLoopSeconds: number
  /** Free bytes; `hangs`: the disk does not answer. */
  readonly disks: readonly { readonly path: string; readonly freeBytes: number | 'hangs' }[]
}

export interface CheckedSubject {
  readonly check: string
  readonly subject: string
}

export interface HealthChecks {
  /** Takes an internal event; `now` in ms on the clock of the measurements. */
  observe(internalEvent: InternalEvent, now: number): void
  /** Call it every few seconds: judges rates and measurements. */
  measure(measurements: Measurements): void
  /** Checks these cameras from now on. Returns the checks of removed cameras, so that their topics can be cleared. */
  watch(wantedFps: WantedFps): readonly CheckedSubject[]
  /** `check/subject` → state, of everything judged so far. */
  states(): ReadonlyMap<string, HealthState>
}

/** Checks whose subject is a camera. */
export const CAMERA_CHECKS = ['camera', 'image', 'frame_rate', 'decoder'] as const

export function createHealthChecks(limits: HealthLimits, telemetry: Telemetry): HealthChecks {
  const health = createHealthStates(telemetry)
  const inputs = createInputs(limits)
  const table = createTable(limits, inputs, health)
  return {
    states: () => health.states,
    observe(internalEvent, now) {
      const row = table[internalEvent.type] as ((internalEvent: InternalEvent, now: number) => void) | undefined
      row?.(internalEvent, now)
    },
    measure(measurements) {
      measureAll(measurements, limits, { inputs, health })
    },
    watch(next) {
      for (const camera of Object.keys(next)) inputs.removed.delete(camera)
      const left = Object.keys(inputs.wantedFps).filter(camera => !Object.hasOwn(next, camera))
      inputs.wantedFps = next
      return left.flatMap(camera => {
        inputs.removed.add(camera)
        for (const each of [inputs.onlineSince, inputs.frames, inputs.decodeErrors]) each.delete(camera)
        return CAMERA_CHECKS.filter(check => health.forget(check, camera)).map(check => ({ check, subject: camera }))
      })
    },
  }
}

type Inputs = ReturnType<typeof createInputs>

/** State that the judgements need between internal events. */
function createInputs({ wantedFps, windowMs }: HealthLimits) {
  return {
    wantedFps,
    /** Cameras that a reload removed: their late internal events are ignored. */
    removed: new Set<string>(),
    frames: createRates(windowMs),
    decodeErrors: createRates(windowMs),
    /** Camera → ms on the steady clock. */
    onlineSince: new Map<string, number>(),
    brokerAwaySince: null as number | null,
  }
}

type HealthStates = ReturnType<typeof createHealthStates>

function createHealthStates(telemetry: Telemetry) {
  const states = new Map<string, HealthState>()
  const measured = new Map<string, Steadied>()
  const set = ({ check, subject, state, detail }: Judgement) => {
    const key = `${check}/${subject}`
    const before = states.get(key)
    if (before === state) return
    states.set(key, state)
    telemetry.emit({ type: 'HealthChanged', check, subject, before: before ?? null, state, detail })
  }
  return {
    states,
    set,
    /** Load and disk space fluctuate around their limits: the first better measurement does not end a bad state. */
    setMeasured(judgement: Judgement, now: number) {
      const key = `${judgement.check}/${judgement.subject}`
      const steadied = steady(measured.get(key) ?? null, judgement.state, now)
      measured.set(key, steadied)
      set({ ...judgement, state: steadied.state })
    },
    /** Sets a check to ok that was judged before. */
    calm(check: string, subject: string, detail: string) {
      measured.delete(`${check}/${subject}`)
      if (states.has(`${check}/${subject}`)) set({ check, subject, state: 'ok', detail })
    },
    /** Returns whether there was a state. */
    forget(check: string, subject: string): boolean {
      measured.delete(`${check}/${subject}`)
      return states.delete(`${check}/${subject}`)
    },
    /** A broker that is unreachable for another reason is no better: only a connection ends `critical`. */
    setBrokerAway(judgement: Judgement) {
      if (states.get('broker/mqtt') !== 'critical') set(judgement)
    },
  }
}

/** Internal events without a row are not judged. */
type HealthTable = {
  readonly [T in InternalEvent['type']]?: (internalEvent: Extract<InternalEvent, { type: T }>, now: number) => void
}

function createTable(limits: HealthLimits, inputs: Inputs, health: HealthStates): HealthTable {
  const { frames, decodeErrors, onlineSince, removed } = inputs
  return {
    CameraStatusChanged: ({ status }, now) => {
      const { camera, state, problem } = status
      if (removed.has(camera)) return
      if (state !== 'online') onlineSince.delete(camera)
      else if (!onlineSince.has(camera)) onlineSince.set(camera, now)
      const judgement = judgeCamera(status)
      if (judgement !== null) health.set(judgement)
      if (state === 'online') health.set(judgeImage(camera, problem))
      // No frames are expected any more: an old warning must not stay for ever.
      if (state === 'disabled' || state === 'ended')
        for (const check of ['image', 'frame_rate', 'decoder']) health.calm(check, camera, state)
    },
    CameraProblemChanged: ({ camera, problem }) => health.set(judgeImage(camera, problem)),
    FrameReceived: ({ camera }, now) => frames.add(camera, 1, now),
    DecodeErrors: ({ camera, count }, now) => decodeErrors.add(camera, count, now),
    EncoderCrashed: ({ variant, error }) => health.set(judgeEncoder(variant, 'critical', error)),
    EncoderRestarted: ({ variant }) => health.set(judgeEncoder(variant, 'ok', 'restarted')),
    BatchEncoded: ({ variant }) => health.set(judgeEncoder(variant, 'ok', 'encoding')),
    MqttConnected: () => {
      inputs.brokerAwaySince = null
      health.set(judgeBroker('ok', 'connected'))
    },
    MqttDisconnected: ({ error, advice }, now) => {
      inputs.brokerAwaySince ??= now
      health.setBrokerAway(judgeBroker(advice === null ? 'warning' : 'critical', error))
    },
    DeliveryMeasured: ({ stalledSeconds }) => health.set(judgeDelivery(stalledSeconds, limits)),
  }
}

interface MeasureParts {
  readonly inputs: Inputs
  readonly health: HealthStates
}

function measureAll(measurements: Measurements, limits: HealthLimits, { inputs, health }: MeasureParts): void {
  const { now, eventLoopSeconds, disks } = measurements
  for (const [camera, since] of inputs.onlineSince) {
    const wantedFps = (Object.hasOwn(inputs.wantedFps, camera) && inputs.wantedFps[camera]) || 0
    const countedMs = Math.min(limits.windowMs, now - since)
    const count = { frames: inputs.frames.count(camera, now), countedMs, wantedFps }
    health.setMeasured(judgeFrameRate(camera, count, limits), now)
    health.setMeasured(judgeDecoder(camera, inputs.decodeErrors.count(camera, now), limits), now)
  }
  const { brokerAwaySince } = inputs
  if (brokerAwaySince !== null && now - brokerAwaySince >= limits.brokerAwayMs)
    health.setBrokerAway(judgeBroker('critical', `away for more than ${Math.round(limits.brokerAwayMs / 1000)} s`))
  health.setMeasured(judgeEventLoop(eventLoopSeconds, limits), now)
  for (const { path, freeBytes } of disks) health.setMeasured(judgeDisk(path, freeBytes, limits), now)
}
