/** Every value of the metric labels that have few values, so that their series can start at 0. */

import type { ImageProblem, Light, LossReason } from '../types.ts'
import type { DropReason, HistorySkipReason, InternalEvent, SinkName, ViewOutcome } from './internalEvents.ts'

/** A value without a line here does not compile. */
const valuesOf = <T extends string>(values: Readonly<Record<T, true>>) => Object.keys(values) as T[]
type Of<T extends InternalEvent['type']> = Extract<InternalEvent, { type: T }>

export const PROBLEMS = valuesOf<ImageProblem>({ frozen: true, dark: true })
export const DROP_REASONS = valuesOf<DropReason>({ stale: true, encoder: true, shutdown: true, corrupt: true })
export const VIEW_OUTCOMES = valuesOf<ViewOutcome>({
  encoded: true,
  unchanged: true,
  load: true,
  stale: true,
  encoder: true,
  shutdown: true,
})
export const LOSS_REASONS = valuesOf<LossReason>({
  timeout: true,
  refused: true,
  eof: true,
  auth: true,
  'not-found': true,
  crash: true,
  frozen: true,
  'invalid-data': true,
})
export const LIGHTS = valuesOf<Light>({ day: true, night: true, infrared: true })
export const SINKS = valuesOf<SinkName>({
  outbox: true,
  journal: true,
  snapshots: true,
  banks: true,
  history: true,
  answers: true,
})
export const HISTORY_SKIP_REASONS = valuesOf<HistorySkipReason>({ busy: true, disk: true })
export const RESULTS = valuesOf<Of<'MqttPublished'>['result']>({
  acknowledged: true,
  failed: true,
  busy: true,
  refused: true,
  'too-large': true,
})
export const BOUNDS = valuesOf<Of<'OutboxDropped'>['bound']>({ count: true, bytes: true, age: true })
export const STAGES = valuesOf<Of<'StageTimed'>['stage']>({ wait: true, encode: true, publish: true })
