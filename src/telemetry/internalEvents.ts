/** What can happen, as a union. One `emit` makes the log line and the metric. Types only: every room may import them. */

import type { CalibrationState } from '../scoringTypes.ts'
import type { CameraStatus, EventChange, ImageProblem, Light, LossReason } from '../types.ts'

/** Why a frame was not encoded. `stale`: a newer one replaced it; `encoder`: lost with a failed batch. */
export type DropReason = 'stale' | 'encoder' | 'shutdown' | 'corrupt'

/**
 * Where a crop or zone ended. `unchanged`: it reused an embedding; `load`: a crop that would have delayed other cameras;
 * the others as for frames.
 */
export type ViewOutcome = 'encoded' | 'unchanged' | 'load' | Exclude<DropReason, 'corrupt'>

/** Where time is spent: waiting for the encoder, in it, and from a change to the broker's acknowledgement. */
export type Stage = 'wait' | 'encode' | 'publish'

/** What writes to disk beside the broker. The label `sink`. */
export type SinkName = 'outbox' | 'journal' | 'snapshots' | 'banks' | 'history' | 'answers'

/** Why a frame is missing in the history. `busy`: too much waits for the disk; `disk`: it failed. */
export type HistorySkipReason = 'busy' | 'disk'

export type HealthState = 'ok' | 'warning' | 'critical'

export type InternalEvent =
  // cameras
  | { type: 'CameraConnecting'; camera: string; attempt: number }
  | { type: 'CameraConnected'; camera: string; attempt: number }
  | { type: 'CameraLost'; camera: string; reason: LossReason; detail: string; retryInMs: number }
  /** It works, but slowly; `detail` has the number and what to do. */
  | { type: 'CameraSlow'; camera: string; detail: string }
  | { type: 'CameraProblemChanged'; camera: string; problem: ImageProblem | null }
  | { type: 'CameraStatusChanged'; status: CameraStatus }
  | { type: 'DecodeErrors'; camera: string; count: number; last: string }
  /** A file without times of its own is read at this rate, frames a second. */
  | { type: 'TimesGuessed'; camera: string; fps: number }
  // frames
  | { type: 'FrameReceived'; camera: string; capturedAt: number }
  | { type: 'FrameSkipped'; camera: string }
  | { type: 'FramesDropped'; camera: string; reason: DropReason; count: number }
  | { type: 'ViewsCounted'; camera: string; view: 'crop' | 'zone'; outcome: ViewOutcome; count: number }
  // the encoder
  /** `size` images; `cameras` has one entry per whole image among them. */
  | { type: 'BatchEncoded'; variant: string; size: number; seconds: number; cameras: readonly string[] }
  | { type: 'ShadowCompared'; variant: string; size: number; seconds: number; cosineMin: number; cosineMean: number }
  | { type: 'EncoderCrashed'; variant: string; error: string; framesLost: number }
  | { type: 'EncoderRestarted'; variant: string; restarts: number }
  | { type: 'ProviderUnavailable'; wanted: string; using: string; error: string }
  | { type: 'PromptTruncated'; prompt: string; tokens: number; context: number }
  // stages and scores
  | { type: 'StageTimed'; stage: Stage; seconds: number }
  | { type: 'ScoreChanged'; camera: string; event: string; score: number }
  | { type: 'EventChanged'; change: EventChange }
  // banks
  /** Images in a camera's bank. */
  | { type: 'BankChanged'; camera: string; images: Readonly<Record<Light, number>> }
  /** `before` null: reported for the first time. */
  | {
      type: 'CalibrationChanged'
      camera: string
      event: string
      light: Light
      before: CalibrationState | null
      state: CalibrationState
    }
  /** A bank file that cannot be used; learning begins again. */
  | { type: 'BankSetAside'; path: string; reason: string }
  /** On request; null: all cameras. */
  | { type: 'BankCleared'; camera: string | null }
  // history
  | { type: 'HistoryStored'; camera: string; frames: number; vectors: number; thumbnails: number }
  | { type: 'HistorySkipped'; camera: string; reason: HistorySkipReason; frames: number }
  /** Every minute: on disk, of all cameras and models. */
  | { type: 'HistoryMeasured'; bytes: number }
  // sinks
  | { type: 'MqttConnected'; url: string; protocol: 4 | 5 }
  /** `advice`: what the operator must do; null: it may go away by itself. */
  | { type: 'MqttDisconnected'; url: string; error: string; advice: string | null }
  | { type: 'MqttPublished'; result: 'acknowledged' | 'failed' | 'busy' | 'refused' | 'too-large' }
  | { type: 'EventDelivered'; camera: string; event: string; latencySeconds: number; replayed: boolean }
  | { type: 'OutboxChanged'; messages: number; bytes: number }
  | { type: 'OutboxDropped'; count: number; bound: 'count' | 'bytes' | 'age' }
  | { type: 'OutboxDamaged'; path: string; setAside: string; kept: number }
  | { type: 'OutboxRecovered'; waiting: number; ended: number }
  /** Reported once a topic and reason. `busy`: it is sent again. */
  | { type: 'MqttRefused'; topic: string; refusal: 'busy' | 'refused' | 'too-large'; error: string }
  /** The broker lacks a feature, or forbids us to read. */
  | { type: 'MqttLimited'; limit: 'retain' | 'qos' | 'read' }
  /** A change that the broker does not take in any form: it stays in the journal. */
  | { type: 'ChangeSetAside'; camera: string; event: string; id: string; change: string; bytes: number }
  /** Every few seconds. `stalledSeconds`: for so long, connected, the same change has been the oldest. */
  | { type: 'DeliveryMeasured'; oldestSeconds: number; stalledSeconds: number }
  | { type: 'MqttUnverified'; url: string }
  | { type: 'SinkFailed'; sink: SinkName; error: string }
  | { type: 'SinkRecovered'; sink: SinkName }
  // the service
  /** `before` null: judged for the first time. */
  | {
      type: 'HealthChanged'
      check: string
      subject: string
      before: HealthState | null
      state: HealthState
      detail: string
    }
  | { type: 'ConfigReloaded'; changed: readonly string[] }
  | { type: 'ConfigRejected'; errors: readonly string[] }
  | { type: 'RequestHandled'; request: string; ok: boolean; error: string | null }
  | { type: 'Started'; version: string; variant: string; modelSha: string; cameras: number; events: number }
  | { type: 'MetricsServed'; url: string }
  | { type: 'Stopping'; reason: string }

/** The one method through which a room says what happened. Never throws. */
export interface Telemetry {
  emit(internalEvent: InternalEvent): void
}
