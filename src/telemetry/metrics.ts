/** Counts internal events: one table from internal events to the instruments. */

import type { Registry } from 'prom-client'
import { createInstruments, type Instruments } from './createInstruments.ts'
import { CAMERA_CHECKS } from './healthChecks.ts'
import type { InternalEvent } from './internalEvents.ts'
import { BOUNDS, DROP_REASONS, LIGHTS, LOSS_REASONS, PROBLEMS, RESULTS, SINKS, STAGES } from './labelValues.ts'

/** Label values that are known from the config. Their series start at 0, so that `rate()` sees the first increment. */
export interface KnownSeries {
  /** Camera → the events it watches for. */
  readonly cameras: Readonly<Record<string, readonly string[]>>
  readonly variants: readonly string[]
}

export interface Metrics {
  observe(internalEvent: InternalEvent): void
  /** Starts these series and removes those of cameras that are no longer configured. */
  declare(known: KnownSeries): void
}

/** Every row whose internal event has a name of this form. */
type Rows<T extends string> = Pick<MetricTable, Extract<InternalEvent['type'], T>>

type MetricTable = {
  readonly [T in InternalEvent['type']]: ((internalEvent: Extract<InternalEvent, { type: T }>) => void) | null
}

export function createMetrics(registry: Registry): Metrics {
  const instruments = createInstruments(registry)
  const removed = new Set<string>()
  const table = createTable(instruments, removed)
  startFixedSeries(instruments)
  return {
    observe: internalEvent => {
      const row = table[internalEvent.type] as ((internalEvent: InternalEvent) => void) | null | undefined
      row?.(internalEvent)
    },
    declare: createDeclare(instruments, removed),
  }
}

/** @param removed cameras that a reload removed: their late internal events must not start a gauge again */
function createTable(on: Instruments, removed: ReadonlySet<string>): MetricTable {
  return {
    ...cameraRows(on, removed),
    ...bankRows(on, removed),
    ...frameRows(on),
    ...deliveryRows(on),
    ...processRows(on),
  }
}

/** What is learned from each camera's own images. */
function bankRows(on: Instruments, removed: ReadonlySet<string>): Rows<`Bank${string}` | 'CalibrationChanged'> {
  return {
    BankChanged: ({ camera, images }) => {
      if (removed.has(camera)) return
      for (const light of LIGHTS) on.bankImages.set({ camera, light }, images[light])
    },
    CalibrationChanged: ({ camera, event, state }) => {
      if (!removed.has(camera)) on.calibration.set({ camera, event }, CALIBRATION_STATES[state])
    },
    BankSetAside: null,
    BankCleared: null,
  }
}

/** Cameras and their decoders. */
function cameraRows(
  on: Instruments,
  removed: ReadonlySet<string>,
): Rows<`Camera${string}` | 'DecodeErrors' | 'TimesGuessed'> {
  return {
    CameraConnecting: null,
    CameraConnected: null,
    CameraLost: ({ camera, reason }) => on.reconnects.inc({ camera, reason }),
    CameraSlow: null,
    CameraProblemChanged: null,
    CameraStatusChanged: ({ status: { camera, state, problem } }) => {
      if (removed.has(camera)) return
      on.cameraUp.set({ camera }, state === 'online' ? 1 : 0)
      on.cameraEnabled.set({ camera }, state === 'disabled' || state === 'ended' ? 0 : 1)
      for (const each of PROBLEMS) on.cameraProblem.set({ camera, problem: each }, problem === each ? 1 : 0)
    },
    DecodeErrors: ({ camera, count }) => on.decodeErrors.inc({ camera }, count),
    TimesGuessed: null,
  }
}

/** Frames, the encoder, scores and events. */
function frameRows(
  on: Instruments,
): Rows<
  | `Frame${string}`
  | `Encoder${string}`
  | 'BatchEncoded'
  | 'ShadowCompared'
  | 'ProviderUnavailable'
  | 'PromptTruncated'
  | 'StageTimed'
  | 'ScoreChanged'
  | 'EventChanged'
> {
  const inFlight = (change: number) => on.inFlight.inc(change)
  return {
    FrameReceived: ({ camera, capturedAt }) => {
      on.received.inc({ camera })
      on.lastFrame.set({ camera }, capturedAt / 1000)
      inFlight(1)
    },
    FrameSkipped: ({ camera }) => {
      on.skipped.inc({ camera, reason: 'unchanged' })
      inFlight(-1)
    },
    FramesDropped: ({ camera, reason, count }) => {
      on.dropped.inc({ camera, reason }, count)
      inFlight(-count)
    },
    BatchEncoded: ({ variant, size, seconds }) => {
      on.inference.observe({ variant }, seconds)
      on.batchSize.observe({ variant }, size)
      on.encoded.inc({ variant }, size)
      inFlight(-size)
    },
    ShadowCompared: ({ variant, size, seconds, cosineMin }) => {
      on.inference.observe({ variant }, seconds)
      on.batchSize.observe({ variant }, size)
      on.shadowCosine.set({ variant }, cosineMin)
    },
    // The lost frames come as FramesDropped of their cameras.
    EncoderCrashed: ({ variant }) => on.encoderCrashes.inc({ variant }),
    EncoderRestarted: null,
    ProviderUnavailable: null,
    PromptTruncated: null,
    StageTimed: ({ stage, seconds }) => on.stage.observe({ stage }, seconds),
    ScoreChanged: ({ camera, event, score }) => on.score.set({ camera, event }, score),
    EventChanged: ({ change: { type, after } }) => {
      const { camera, event } = after
      on.events.inc({ camera, event, type })
      on.active.set({ camera, event }, type === 'end' ? 0 : 1)
    },
  }
}

/** The broker, the outbox and the other sinks. */
function deliveryRows(
  on: Instruments,
): Rows<
  `Mqtt${string}` | `Outbox${string}` | `Sink${string}` | 'ChangeSetAside' | 'DeliveryMeasured' | 'EventDelivered'
> {
  return {
    MqttConnected: () => on.mqttConnected.set(1),
    MqttDisconnected: () => on.mqttConnected.set(0),
    MqttPublished: ({ result }) => on.mqttMessages.inc({ result }),
    MqttRefused: null,
    MqttLimited: null,
    ChangeSetAside: () => on.setAside.inc(),
    DeliveryMeasured: ({ oldestSeconds }) => on.outboxOldest.set(oldestSeconds),
    MqttUnverified: null,
    EventDelivered: ({ latencySeconds, replayed }) => {
      on.delivered.inc({ replayed: String(replayed) })
      if (!replayed) on.eventLatency.observe(latencySeconds)
    },
    OutboxChanged: ({ messages, bytes }) => {
      on.outboxMessages.set(messages)
      on.outboxBytes.set(bytes)
    },
    OutboxDropped: ({ count, bound }) => on.outboxDropped.inc({ bound }, count),
    OutboxDamaged: () => on.outboxDamaged.inc(),
    OutboxRecovered: null,
    SinkFailed: ({ sink }) => on.sinkFailures.inc({ sink }),
    SinkRecovered: null,
  }
}

/** Health checks, reloads, requests, and the process itself. */
function processRows(
  on: Instruments,
): Rows<`Config${string}` | 'HealthChanged' | 'RequestHandled' | 'MetricsServed' | 'Started' | 'Stopping'> {
  return {
    HealthChanged: ({ check, subject, state }) => on.check.set({ check, subject }, HEALTH_STATES[state]),
    ConfigReloaded: () => on.reloads.inc({ result: 'ok' }),
    ConfigRejected: () => on.reloads.inc({ result: 'error' }),
    // The request's name comes from outside and is no label: a client could invent a million of them.
    RequestHandled: ({ ok }) => on.requests.inc({ result: ok ? 'ok' : 'error' }),
    Started: ({ version, variant, modelSha }) => on.buildInfo.set({ version, variant, model_sha: modelSha }, 1),
    MetricsServed: null,
    Stopping: null,
  }
}

const CALIBRATION_STATES = { prior: 0, learning: 1, learned: 2, common: 3, model: 4 } as const
const HEALTH_STATES = { ok: 0, warning: 1, critical: 2 } as const

/** Series that do not depend on the config: they are there from the start. */
function startFixedSeries(on: Instruments): void {
  for (const sink of SINKS) on.sinkFailures.inc({ sink }, 0)
  for (const result of RESULTS) on.mqttMessages.inc({ result }, 0)
  for (const bound of BOUNDS) on.outboxDropped.inc({ bound }, 0)
  for (const stage of STAGES) on.stage.zero({ stage })
  for (const replayed of ['true', 'false']) on.delivered.inc({ replayed }, 0)
  for (const result of ['ok', 'error']) {
    on.requests.inc({ result }, 0)
    on.reloads.inc({ result }, 0)
  }
}

function createDeclare(on: Instruments, removed: Set<string>): Metrics['declare'] {
  let declared: string[] = []
  return ({ cameras, variants }) => {
    for (const camera of declared.filter(camera => !Object.hasOwn(cameras, camera))) {
      removed.add(camera)
      forget(on, camera)
    }
    // A new camera counts as enabled until its status says otherwise.
    for (const camera of Object.keys(cameras)) if (!declared.includes(camera)) on.cameraEnabled.set({ camera }, 1)
    declared = Object.keys(cameras)
    for (const camera of declared) removed.delete(camera)
    for (const variant of variants) {
      on.encoded.inc({ variant }, 0)
      on.inference.zero({ variant })
      on.batchSize.zero({ variant })
      on.encoderCrashes.inc({ variant }, 0)
    }
    for (const [camera, events] of Object.entries(cameras)) declareCamera(on, camera, events)
  }
}

function declareCamera(on: Instruments, camera: string, events: readonly string[]): void {
  on.received.inc({ camera }, 0)
  on.skipped.inc({ camera, reason: 'unchanged' }, 0)
  for (const reason of DROP_REASONS) on.dropped.inc({ camera, reason }, 0)
  for (const reason of LOSS_REASONS) on.reconnects.inc({ camera, reason }, 0)
  for (const problem of PROBLEMS) on.cameraProblem.inc({ camera, problem }, 0)
  // A reload declares again: values of cameras that stay must not change.
  on.cameraUp.inc({ camera }, 0)
  on.decodeErrors.inc({ camera }, 0)
  for (const event of events) {
    on.active.inc({ camera, event }, 0)
    for (const type of ['new', 'update', 'end']) on.events.inc({ camera, event, type }, 0)
  }
}

/** A removed camera's gauges would show its last state for ever; counters may stay until the restart. */
function forget(on: Instruments, camera: string): void {
  on.cameraUp.remove({ camera })
  on.cameraEnabled.remove({ camera })
  on.lastFrame.remove({ camera })
  for (const light of LIGHTS) on.bankImages.remove({ camera, light })
  for (const problem of PROBLEMS) on.cameraProblem.remove({ camera, problem })
  for (const check of CAMERA_CHECKS) on.check.remove({ check, subject: camera })
}
