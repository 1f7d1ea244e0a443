/** The log line of each internal event: one table; null where it is only counted. */

import { pluralize } from '../util/pluralize.ts'
import type { InternalEvent } from './internalEvents.ts'

/** error: something is lost or the operator must act. warn: unexpected, nothing lost. info: an action finished. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

export interface LogLine {
  readonly level: Level
  readonly message: string
  /** What the sentence says, for programs. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Lines with the same key within a second become one. */
  readonly sumAs?: string
}

type LogTable = {
  readonly [T in InternalEvent['type']]: ((internalEvent: Extract<InternalEvent, { type: T }>) => LogLine | null) | null
}

export function lineOf(internalEvent: InternalEvent): LogLine | null {
  // The table's type ties each row to its internal event; TypeScript can't follow that through an index.
  const row = LINES[internalEvent.type] as ((internalEvent: InternalEvent) => LogLine | null) | null | undefined
  return row?.(internalEvent) ?? null
}

const line = (level: Level, message: string, fields: LogLine['fields'] = {}): LogLine => ({ level, message, fields })

const LINES: LogTable = {
  CameraConnecting: ({ camera, attempt }) => line('debug', `${camera}: connecting`, { camera, attempt }),
  CameraConnected: ({ camera, attempt }) =>
    line('info', attempt > 1 ? `${camera}: back after ${attempt} attempts` : `${camera}: connected`, {
      camera,
      attempt,
    }),
  CameraLost: ({ camera, reason, detail, retryInMs }) =>
    line(
      reason === 'auth' ? 'error' : 'warn',
      `${camera}: lost (${reason}): ${detail}; next attempt in ${Math.round(retryInMs / 1000)} s`,
      { camera, reason, retryInMs },
    ),
  CameraSlow: ({ camera, detail }) => line('warn', `${camera}: slow: ${detail}`, { camera }),
  CameraProblemChanged: ({ camera, problem }) =>
    problem === null
      ? line('info', `${camera}: image is good again`, { camera, problem })
      : line('warn', `${camera}: image is ${problem}`, { camera, problem }),
  CameraStatusChanged: null,
  DecodeErrors: ({ camera, count, last }) => ({
    ...line(
      'warn',
      `${camera}: ${count === 1 ? 'a decoder complaint' : `${count} decoder complaints, last`}: ${last}`,
      { camera, count },
    ),
    sumAs: `decoder/${camera}`,
  }),
  TimesGuessed: ({ camera, fps }) =>
    line(
      'warn',
      `${camera}: the file has no times: read as ${fps} frames a second; give the true rate as --input-fps or input_fps`,
      { camera, fps },
    ),

  FrameReceived: null,
  FrameSkipped: null,
  FramesDropped: null,
  ViewsCounted: null,

  BatchEncoded: null,
  ShadowCompared: null,
  EncoderCrashed: ({ variant, error, framesLost }) =>
    line('error', `encoder ${variant} crashed, ${framesLost} frames lost: ${error}`, { variant, framesLost }),
  EncoderRestarted: ({ variant, restarts }) =>
    line('info', `encoder ${variant} runs again (restart ${restarts})`, { variant, restarts }),
  ProviderUnavailable: ({ wanted, using, error }) =>
    line('warn', `provider ${wanted} is not available, using ${using}: ${error}`, { wanted, using }),
  PromptTruncated: ({ prompt, tokens, context }) =>
    line('warn', `prompt has ${tokens} tokens and is cut to ${context}: "${prompt}"`, { tokens, context }),

  StageTimed: null,
  ScoreChanged: null,
  EventChanged: ({ change: { type, after } }) => {
    const { id, camera, event, score, endReason } = after
    const fields = { camera, event, id, score }
    if (type === 'update') return line('debug', `${camera}: ${event} goes on`, fields)
    return type === 'new'
      ? line('info', `${camera}: ${event} began`, fields)
      : line('info', `${camera}: ${event} ended (${endReason})`, { ...fields, endReason })
  },

  BankChanged: null,
  CalibrationChanged: ({ camera, event, light, before, state }) => {
    // What decides at the start is no news.
    if (before === null && (state === 'prior' || state === 'model')) return null
    return line(CALIBRATION_LEVELS[state], `${camera}: ${event}: ${CALIBRATIONS[state]} (${light})`, {
      camera,
      event,
      light,
      calibration: state,
    })
  },
  BankSetAside: ({ path, reason }) =>
    line('warn', `bank ${path} cannot be used: ${reason}. It is renamed to .broken, and the camera is learned again`, {
      path,
    }),
  BankCleared: ({ camera }) =>
    line('info', camera === null ? 'all banks are cleared: every camera is learned again' : `${camera}: bank cleared`, {
      camera,
    }),

  MqttConnected: ({ url, protocol }) =>
    line('info', `connected to ${url} with MQTT ${protocol === 5 ? '5' : '3.1.1'}`, { url, protocol }),
  MqttDisconnected: ({ url, error, advice }) => {
    const what = `not connected to ${url}: ${error}; events wait on disk`
    return advice === null ? line('warn', what, { url }) : line('error', `${what}. To do: ${advice}`, { url })
  },
  MqttPublished: null,
  MqttRefused: ({ topic, refusal, error }) => ({
    ...(refusal === 'busy'
      ? line('warn', `broker does not take ${topic} now: ${error}; it is sent again`, { topic })
      : line('error', `broker refuses ${topic}: ${error}${refusal === 'too-large' ? RAISE_LIMIT : ''}`, { topic })),
    sumAs: `mqtt-refused/${refusal}`,
  }),
  MqttLimited: ({ limit }) => line('warn', LIMITS[limit], { limit }),
  ChangeSetAside: ({ camera, event, id, change, bytes }) => ({
    ...line(
      'error',
      `${camera}: a change (${change}, ${bytes} bytes) of ${event} is not sent and stays in the journal: it or the beginning of its event is larger than what the broker takes. To do: raise the broker’s packet limit`,
      { camera, event, id, change, bytes },
    ),
    sumAs: `set-aside/${camera}`,
  }),
  DeliveryMeasured: null,
  MqttUnverified: ({ url }) =>
    line(
      'warn',
      `the certificate of ${url} is not checked (mqtt.tls.insecure): a third party in between can read along`,
      {
        url,
      },
    ),
  EventDelivered: ({ camera, event, latencySeconds, replayed }) =>
    line('debug', `${camera}: ${event} delivered`, { camera, event, latencySeconds, replayed }),
  OutboxChanged: null,
  OutboxDropped: ({ count, bound }) => ({
    ...line('error', `outbox is over its bound (${bound}): ${count} oldest changes dropped`, { count, bound }),
    sumAs: `outbox-dropped/${bound}`,
  }),
  TraceSkipped: ({ reason, records, error }) => ({
    ...line(
      'warn',
      `${pluralize(records, 'record')} of event traces skipped (${error ?? reason}): explain shows less`,
      {
        reason,
        records,
      },
    ),
    sumAs: `trace-skipped/${reason}`,
  }),
  OutboxDamaged: ({ path, setAside, kept }) =>
    line('error', `outbox ${path} was damaged: ${kept} records kept, the rest set aside in ${setAside}`, {
      path,
      setAside,
      kept,
    }),
  OutboxRecovered: ({ waiting, ended }) =>
    line(
      'info',
      `previous run left ${pluralize(waiting, 'change')} to send, ${pluralize(ended, 'open event')} to end`,
      {
        waiting,
        ended,
      },
    ),
  HistoryStored: null,
  // Its cause is the line of the failing disk, or of a machine that is too slow.
  HistorySkipped: ({ camera, reason, frames }) => ({
    ...line('warn', `${camera}: ${pluralize(frames, 'frame')} not stored in the history (${reason})`, {
      camera,
      reason,
      frames,
    }),
    sumAs: `history-skipped/${camera}`,
  }),
  HistoryMeasured: null,
  SinkFailed: ({ sink, error }) => line('error', `${sink} fails: ${error}`, { sink }),
  SinkRecovered: ({ sink }) => line('info', `${sink} works again`, { sink }),

  HealthChanged: ({ check, subject, before, state, detail }) =>
    line(
      before === null && state === 'ok' ? 'debug' : WATCHDOG_LEVELS[state],
      `${check} of ${subject}: ${state}: ${detail}`,
      { check, subject, state },
    ),
  ConfigReloaded: ({ changed }) =>
    line('info', changed.length === 0 ? 'config reloaded, nothing changed' : `config reloaded: ${changed.join(', ')}`, {
      changed,
    }),
  ConfigRejected: ({ errors }) => line('error', `config rejected, the old one stays: ${errors.join('; ')}`, { errors }),
  RequestHandled: ({ request, ok, error }) => ({
    ...line(ok ? 'info' : 'warn', ok ? `request ${request} done` : `request ${request} failed: ${error}`, { request }),
    sumAs: `request/${ok}`,
  }),
  Started: ({ version, variant, modelSha, cameras, events }) =>
    line(
      'info',
      `watchword ${version} watches ${pluralize(cameras, 'camera')} for ${pluralize(events, 'event')} with ${variant}`,
      {
        version,
        variant,
        modelSha,
        cameras,
        events,
      },
    ),
  MetricsServed: ({ url }) => line('info', `metrics at ${url}`, { url }),
  Stopping: ({ reason }) => line('info', `stopping: ${reason}`, { reason }),
}

const CALIBRATION_LEVELS = {
  model: 'debug',
  prior: 'info',
  learning: 'debug',
  learned: 'info',
  common: 'warn',
} as const

const CALIBRATIONS = {
  model: 'the model’s own calibration decides',
  prior: 'nothing is learned in this light yet, the model’s calibration decides',
  learning: 'the camera’s own images count in part',
  learned: 'the camera’s own images decide',
  common:
    'cannot be distinguished from what this camera usually shows. To do: describe it with other prompts and negative_prompts',
} as const

const WATCHDOG_LEVELS = { ok: 'info', warning: 'warn', critical: 'error' } as const

const RAISE_LIMIT =
  '. To do: raise the broker’s limit (Mosquitto: `max_packet_size`, `message_size_limit`), or set `mqtt.snapshots: false` if it is a snapshot'

const LIMITS = {
  retain:
    'the broker keeps no retained messages: a client that connects later learns a state only when it changes. To do: allow them in the broker (Mosquitto: `retain_available true`)',
  qos: 'the broker takes QoS 0 only and confirms no message: a change counts as sent when the broker answers a ping behind it. To do: allow QoS 1 in the broker (Mosquitto: remove `max_qos`)',
  read: 'the broker sends back nothing of what it took: it may forbid this user to read, and then requests do not work. To do: allow reading of `mqtt.topic_prefix` and what is below it',
} as const
