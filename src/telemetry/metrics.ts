/** What each internal event counts: the instruments, and one table from internal events to them. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { CAMERA_CHECKS } from './healthChecks.ts'
import type { InternalEvent } from './internalEvents.ts'
import { BOUNDS, DROP_REASONS, LOSS_REASONS, PROBLEMS, RESULTS, SINKS, STAGES } from './labelValues.ts'

/** What is known before anything happens. Its series start at 0, so that `rate()` sees the first increment. */
export interface KnownSeries {
  /** Camera → the events it watches for. */
  readonly cameras: Readonly<Record<string, readonly string[]>>
  readonly variants: readonly string[]
}

export interface Metrics {
  observe(internalEvent: InternalEvent): void
  /** Starts the series of this world and ends those of cameras that are gone. */
  declare(world: KnownSeries): void
}

type MetricTable = {
  readonly [T in InternalEvent['type']]: ((internalEvent: Extract<InternalEvent, { type: T }>) => void) | null
}

export function createMetrics(registry: Registry): Metrics {
  const instruments = createInstruments(registry)
  const gone = new Set<string>()
  const table = createTable(instruments, gone)
  startFixedSeries(instruments)
  return {
    observe: internalEvent => {
      const row = table[internalEvent.type] as ((internalEvent: InternalEvent) => void) | null | undefined
      row?.(internalEvent)
    },
    declare: createDeclare(instruments, gone),
  }
}

/** Seconds: from a cached answer on a GPU to ViT-L on a small board. */
const INFERENCE_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
const STAGE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const LATENCY_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60]
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

type Instruments = ReturnType<typeof createInstruments>

function createInstruments(registry: Registry) {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name: `watchword_${name}`, help, labelNames: [...labelNames], registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name: `watchword_${name}`, help, labelNames: [...labelNames], registers })
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram<L>({ name: `watchword_${name}`, help, labelNames: [...labelNames], registers, buckets })

  return {
    inference: histogram(
      'inference_seconds',
      'Time one batch took in the model, in seconds; shadows included.',
      ['variant'],
      INFERENCE_BUCKETS,
    ),
    batchSize: histogram('inference_batch_size', 'Frames in a batch; shadows included.', ['variant'], BATCH_BUCKETS),
    stage: histogram('stage_seconds', 'Time a frame or change spent in a stage, in seconds.', ['stage'], STAGE_BUCKETS),
    eventLatency: histogram(
      'event_latency_seconds',
      'From the capture of the frame to the broker’s acknowledgement, in seconds; replayed changes are left out.',
      [],
      LATENCY_BUCKETS,
    ),
    received: counter('frames_received_total', 'Frames a camera delivered.', ['camera']),
    skipped: counter('frames_skipped_total', 'Frames that were not encoded because nothing had changed.', [
      'camera',
      'reason',
    ]),
    dropped: counter('frames_dropped_total', 'Frames that were not encoded.', ['camera', 'reason']),
    encoded: counter('frames_encoded_total', 'Frames encoded to decide events; shadows left out.', ['variant']),
    inFlight: gauge('frames_in_flight', 'Frames received and not yet encoded, skipped or dropped.'),
    events: counter('event_changes_total', 'Changes of events.', ['camera', 'event', 'type']),
    delivered: counter('event_changes_delivered_total', 'Changes of events that the broker acknowledged.', [
      'replayed',
    ]),
    score: gauge('event_score', 'Latest smoothed score, 0 to 1.', ['camera', 'event']),
    active: gauge('event_active', '1 while an event goes on.', ['camera', 'event']),
    cameraUp: gauge('camera_up', '1 while a camera delivers frames.', ['camera']),
    cameraEnabled: gauge(
      'camera_enabled',
      '1 while a camera is to deliver frames; 0: switched off, or its file has ended.',
      ['camera'],
    ),
    cameraProblem: gauge('camera_problem', '1 while the picture has this problem.', ['camera', 'problem']),
    lastFrame: gauge(
      'camera_last_frame_timestamp_seconds',
      'Capture time of the last frame, seconds since the epoch.',
      ['camera'],
    ),
    reconnects: counter('camera_reconnects_total', 'Losses of a camera that were followed by a new attempt.', [
      'camera',
      'reason',
    ]),
    decoderComplaints: counter('camera_decode_errors_total', 'Lines ffmpeg complained with.', ['camera']),
    encoderCrashes: counter('encoder_crashes_total', 'Crashes of an encoder worker.', ['variant']),
    shadowCosine: gauge('shadow_cosine_min', 'Smallest cosine of a shadow to the deciding variant, last batch.', [
      'variant',
    ]),
    mqttMessages: counter('mqtt_messages_total', 'Messages handed to the broker.', ['result']),
    mqttConnected: gauge('mqtt_connected', '1 while connected to the broker.'),
    outboxMessages: gauge('outbox_messages', 'Changes that wait for the broker.'),
    outboxOldest: gauge('outbox_oldest_seconds', 'How long the oldest change has waited for the broker, in seconds.'),
    setAside: counter('event_changes_set_aside_total', 'Changes of events that are larger than what the broker takes.'),
    outboxBytes: gauge('outbox_bytes', 'Size of what waits for the broker, in bytes.'),
    outboxDropped: counter('outbox_dropped_total', 'Changes dropped by a bound of the outbox.', ['bound']),
    outboxDamaged: counter('outbox_damaged_total', 'Times a damaged outbox was found.'),
    sinkFailures: counter('sink_failures_total', 'Times a sink began to fail.', ['sink']),
    requests: counter('requests_total', 'Requests over MQTT.', ['result']),
    reloads: counter('config_reloads_total', 'Attempts to reload the config.', ['result']),
    check: gauge('health_check_state', '0 ok, 1 warning, 2 critical.', ['check', 'subject']),
    buildInfo: gauge('build_info', 'Always 1; what runs is in the labels.', ['version', 'variant', 'model_sha']),
  }
}

/** @param gone cameras that a reload has taken away: what still comes of them starts no gauge again */
function createTable(on: Instruments, gone: ReadonlySet<string>): MetricTable {
  const inFlight = (change: number) => on.inFlight.inc(change)
  return {
    CameraConnecting: null,
    CameraConnected: null,
    CameraLost: ({ camera, reason }) => on.reconnects.inc({ camera, reason }),
    CameraSlow: null,
    CameraProblemChanged: null,
    CameraStatusChanged: ({ status: { camera, state, problem } }) => {
      if (gone.has(camera)) return
      on.cameraUp.set({ camera }, state === 'online' ? 1 : 0)
      on.cameraEnabled.set({ camera }, state === 'disabled' || state === 'ended' ? 0 : 1)
      for (const each of PROBLEMS) on.cameraProblem.set({ camera, problem: each }, problem === each ? 1 : 0)
    },
    DecodeErrors: ({ camera, count }) => on.decoderComplaints.inc({ camera }, count),
    TimesGuessed: null,

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

    HealthChanged: ({ check, subject, state }) => on.check.set({ check, subject }, HEALTH_STATES[state]),
    ConfigReloaded: () => on.reloads.inc({ result: 'ok' }),
    ConfigRejected: () => on.reloads.inc({ result: 'error' }),
    // The name comes from outside and is no label: a client could make up a million of them.
    RequestHandled: ({ ok }) => on.requests.inc({ result: ok ? 'ok' : 'error' }),
    Started: ({ version, variant, modelSha }) => on.buildInfo.set({ version, variant, model_sha: modelSha }, 1),
    MetricsServed: null,
    Stopping: null,
  }
}

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

function createDeclare(on: Instruments, gone: Set<string>): Metrics['declare'] {
  let declared: string[] = []
  return ({ cameras, variants }) => {
    for (const camera of declared.filter(camera => !Object.hasOwn(cameras, camera))) {
      gone.add(camera)
      forget(on, camera)
    }
    // A new camera is to deliver frames until it says that it is switched off.
    for (const camera of Object.keys(cameras)) if (!declared.includes(camera)) on.cameraEnabled.set({ camera }, 1)
    declared = Object.keys(cameras)
    for (const camera of declared) gone.delete(camera)
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
  // A reload declares again: what is known of a camera that goes on must stay.
  on.cameraUp.inc({ camera }, 0)
  on.decoderComplaints.inc({ camera }, 0)
  for (const event of events) {
    on.active.inc({ camera, event }, 0)
    for (const type of ['new', 'update', 'end']) on.events.inc({ camera, event, type }, 0)
  }
}

/** Gauges of a camera that is gone would show its last state for ever; counters may stay until the restart. */
function forget(on: Instruments, camera: string): void {
  on.cameraUp.remove({ camera })
  on.cameraEnabled.remove({ camera })
  on.lastFrame.remove({ camera })
  for (const problem of PROBLEMS) on.cameraProblem.remove({ camera, problem })
  for (const check of CAMERA_CHECKS) on.check.remove({ check, subject: camera })
}
