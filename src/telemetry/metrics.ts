/** Counts internal events: one table from internal events to the instruments. */

import type { Registry } from 'prom-client'
import { createDeclare, type KnownSeries, startFixedSeries } from './createDeclare.ts'
import { createInstruments, type Instruments } from './createInstruments.ts'
import type { InternalEvent } from './internalEvents.ts'
import { LIGHTS, PROBLEMS } from './labelValues.ts'

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
    ...historyRows(on),
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

/** What the encoder saw, on disk. */
function historyRows(on: Instruments): Rows<`History${string}`> {
  return {
    HistoryStored: ({ camera, frames, vectors, thumbnails }) => {
      on.historyFrames.inc({ camera }, frames)
      on.historyVectors.inc({ camera }, vectors)
      on.historyThumbnails.inc({ camera }, thumbnails)
    },
    HistorySkipped: ({ camera, reason, frames }) => on.historySkipped.inc({ camera, reason }, frames),
    HistoryMeasured: ({ bytes }) => on.historyBytes.set(bytes),
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
  | 'ViewsCounted'
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
    ViewsCounted: ({ camera, view, outcome, count }) => on.views.inc({ camera, view, outcome }, count),
    BatchEncoded: ({ variant, size, seconds, cameras }) => {
      on.inference.observe({ variant }, seconds)
      on.batchSize.observe({ variant }, size)
      on.encoded.inc({ variant }, cameras.length)
      inFlight(-cameras.length)
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
  | `Mqtt${string}`
  | `Outbox${string}`
  | `Sink${string}`
  | 'ChangeSetAside'
  | 'TraceSkipped'
  | 'DeliveryMeasured'
  | 'EventDelivered'
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
    TraceSkipped: ({ reason, records }) => on.tracesSkipped.inc({ reason }, records),
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
