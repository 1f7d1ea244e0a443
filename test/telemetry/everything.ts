/** One of everything that can happen: a new internal event without a line here does not compile. */

import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { CameraStatus } from '../../src/types.ts'
import { change } from '../support/change.ts'
import { status } from '../support/frames.ts'

export function statusOf(camera: string, overrides: Partial<CameraStatus> = {}): CameraStatus {
  return { ...status(camera, 0, 'online'), ...overrides }
}

const EVERYTHING: { readonly [T in InternalEvent['type']]: Extract<InternalEvent, { type: T }> } = {
  CameraConnecting: { type: 'CameraConnecting', camera: 'front', attempt: 1 },
  CameraConnected: { type: 'CameraConnected', camera: 'front', attempt: 1 },
  CameraLost: { type: 'CameraLost', camera: 'front', reason: 'auth', detail: '401 Unauthorized', retryInMs: 60_000 },
  CameraSlow: { type: 'CameraSlow', camera: 'yard', detail: 'a keyframe every 15 s' },
  CameraProblemChanged: { type: 'CameraProblemChanged', camera: 'front', problem: 'dark' },
  CameraStatusChanged: { type: 'CameraStatusChanged', status: statusOf('front', { problem: 'dark' }) },
  TimesGuessed: { type: 'TimesGuessed', camera: 'front', fps: 25 },
  DecodeErrors: { type: 'DecodeErrors', camera: 'front', count: 3, last: 'missing reference' },
  FrameReceived: { type: 'FrameReceived', camera: 'front', capturedAt: Date.now() },
  FrameSkipped: { type: 'FrameSkipped', camera: 'front' },
  FramesDropped: { type: 'FramesDropped', camera: 'front', reason: 'stale', count: 1 },
  ViewsCounted: { type: 'ViewsCounted', camera: 'front', view: 'crop', outcome: 'encoded', count: 2 },
  BatchEncoded: { type: 'BatchEncoded', variant: 'int8', size: 4, seconds: 0.03, cameras: ['front'] },
  ShadowCompared: {
    type: 'ShadowCompared',
    variant: 'fp32',
    size: 2,
    seconds: 0.06,
    cosineMin: 0.98,
    cosineMean: 0.99,
  },
  EncoderCrashed: { type: 'EncoderCrashed', variant: 'int8', error: 'worker exited', framesLost: 4 },
  EncoderRestarted: { type: 'EncoderRestarted', variant: 'int8', restarts: 1 },
  ProviderUnavailable: { type: 'ProviderUnavailable', wanted: 'cuda', using: 'cpu', error: 'no CUDA' },
  PromptTruncated: { type: 'PromptTruncated', prompt: 'a very long phrase', tokens: 90, context: 77 },
  StageTimed: { type: 'StageTimed', stage: 'encode', seconds: 0.03 },
  ScoreChanged: { type: 'ScoreChanged', camera: 'front', event: 'person_walking', score: 0.7 },
  EventChanged: { type: 'EventChanged', change: change('new', 'a', 0) },
  BankChanged: { type: 'BankChanged', camera: 'front', images: { day: 40, night: 3, infrared: 0 } },
  CalibrationChanged: {
    type: 'CalibrationChanged',
    camera: 'front',
    event: 'person_walking',
    light: 'day',
    before: 'learning',
    state: 'learned',
  },
  BankSetAside: { type: 'BankSetAside', path: '/data/banks/front.bank', reason: 'it is cut short' },
  BankCleared: { type: 'BankCleared', camera: 'front' },
  HistoryStored: { type: 'HistoryStored', camera: 'front', frames: 5, vectors: 2, thumbnails: 1 },
  HistorySkipped: { type: 'HistorySkipped', camera: 'front', reason: 'busy', frames: 3 },
  HistoryMeasured: { type: 'HistoryMeasured', bytes: 123_456 },
  MqttConnected: { type: 'MqttConnected', url: 'mqtt://broker', protocol: 5 },
  MqttDisconnected: { type: 'MqttDisconnected', url: 'mqtt://broker', error: 'refused', advice: null },
  MqttPublished: { type: 'MqttPublished', result: 'acknowledged' },
  MqttRefused: { type: 'MqttRefused', topic: 'watchword/events', refusal: 'refused', error: 'not authorized' },
  MqttLimited: { type: 'MqttLimited', limit: 'retain' },
  ChangeSetAside: {
    type: 'ChangeSetAside',
    camera: 'front',
    event: 'person_walking',
    id: 'a',
    change: 'update',
    bytes: 900,
  },
  DeliveryMeasured: { type: 'DeliveryMeasured', oldestSeconds: 3, stalledSeconds: 2 },
  MqttUnverified: { type: 'MqttUnverified', url: 'mqtts://broker' },
  EventDelivered: {
    type: 'EventDelivered',
    camera: 'front',
    event: 'person_walking',
    latencySeconds: 0.4,
    replayed: false,
  },
  OutboxChanged: { type: 'OutboxChanged', messages: 2, bytes: 900 },
  OutboxDropped: { type: 'OutboxDropped', count: 1, bound: 'count' },
  TraceSkipped: { type: 'TraceSkipped', reason: 'disk', records: 2, error: 'ENOSPC' },
  OutboxDamaged: { type: 'OutboxDamaged', path: '/data/outbox.log', setAside: '/data/outbox.log.damaged', kept: 3 },
  OutboxRecovered: { type: 'OutboxRecovered', waiting: 3, ended: 1 },
  SinkFailed: { type: 'SinkFailed', sink: 'journal', error: 'ENOSPC' },
  SinkRecovered: { type: 'SinkRecovered', sink: 'journal' },
  HealthChanged: {
    type: 'HealthChanged',
    check: 'disk',
    subject: 'data',
    before: 'ok',
    state: 'warning',
    detail: '5 % left',
  },
  ConfigReloaded: { type: 'ConfigReloaded', changed: ['cameras.front'] },
  ConfigRejected: { type: 'ConfigRejected', errors: ['line 3: unknown key'] },
  RequestHandled: { type: 'RequestHandled', request: 'reload', ok: true, error: null },
  Started: { type: 'Started', version: '0.1.0', variant: 'int8', modelSha: 'abc123', cameras: 1, events: 1 },
  MetricsServed: { type: 'MetricsServed', url: 'http://127.0.0.1:9464/metrics' },
  Stopping: { type: 'Stopping', reason: 'SIGTERM' },
}

export const everything: readonly InternalEvent[] = Object.values(EVERYTHING)
