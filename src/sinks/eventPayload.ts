/** The JSON of events in `watchword/events`, in the attributes topics and in the journal. */

import type { Why } from '../scoringTypes.ts'
import type { CameraStatus, EndReason, EventChange, ViewKind, WatchEvent, Where } from '../types.ts'
import { shorten } from '../util/shorten.ts'

/** Increases when a field changes its meaning or is removed, not when a field is added. */
export const SCHEMA_VERSION = 1

/** An event change without its snapshot, as stored, sent and journaled. */
export interface ChangeRecord {
  readonly type: EventChange['type']
  readonly seq: number
  readonly before: WatchEvent | null
  readonly after: WatchEvent
  /** The change has a JPEG. */
  readonly hasSnapshot: boolean
}

/** Times are seconds since the epoch with milliseconds as decimals, as in Frigate. */
export interface EventPayload {
  readonly id: string
  readonly camera: string
  readonly event: string
  readonly start_time: number
  readonly end_time: number | null
  readonly frame_time: number
  readonly score: number
  readonly top_score: number
  readonly top_time: number
  readonly end_reason: EndReason | null
  readonly variant: string
  /** null: an older version stored the event. */
  readonly where: WherePayload | null
  /** null: an older version stored the event, or all events are scored against each other. */
  readonly why: WhyPayload | null
}

/** Margins in nats; of an event with levels, positions on its scale. */
export interface WhyPayload {
  readonly time: number
  readonly for: string
  readonly against: string | null
  readonly margin: number
  readonly above_quiet: number | null
  readonly odds: number | null
}

export interface WherePayload {
  /** [x, y, width, height] in fractions of the image. */
  readonly box: readonly [number, number, number, number]
  readonly zones: readonly string[]
  readonly view: ViewKind
}

export interface ChangePayload {
  readonly schema_version: number
  readonly type: EventChange['type']
  /** Increases within an event; gaps are updates that a later change replaced before they could be sent. */
  readonly seq: number
  readonly has_snapshot: boolean
  /** When it was stored for sending. */
  readonly recorded_at: number
  /** The change was stored before the current connection, so it is late. */
  readonly replayed: boolean
  /** When it was sent to the broker; null in the journal. */
  readonly sent_at: number | null
  readonly before: EventPayload | null
  readonly after: EventPayload
}

export interface ChangeTimes {
  /** ms since the epoch, as everywhere in the code. */
  readonly recordedAt: number
  readonly sentAt: number | null
  readonly replayed: boolean
}

export function recordOf(change: EventChange): ChangeRecord {
  const { type, seq, before, after, snapshot } = change
  return { type, seq, before, after, hasSnapshot: snapshot !== null }
}

export function changePayload(change: ChangeRecord, times: ChangeTimes): ChangePayload {
  return {
    schema_version: SCHEMA_VERSION,
    type: change.type,
    seq: change.seq,
    has_snapshot: change.hasSnapshot,
    recorded_at: seconds(times.recordedAt),
    replayed: times.replayed,
    sent_at: times.sentAt === null ? null : seconds(times.sentAt),
    before: change.before === null ? null : eventPayload(change.before),
    after: eventPayload(change.after),
  }
}

export function eventPayload(event: WatchEvent): EventPayload {
  return {
    id: event.id,
    camera: event.camera,
    event: event.event,
    start_time: seconds(event.startTime),
    end_time: event.endTime === null ? null : seconds(event.endTime),
    frame_time: seconds(event.frameTime),
    score: round(event.score),
    top_score: round(event.topScore),
    top_time: seconds(event.topTime),
    end_reason: event.endReason,
    variant: event.variant,
    where: event.where && wherePayload(event.where),
    why: event.why && whyPayload(event.why),
  }
}

export function wherePayload({ box: { x, y, width, height }, zones, view }: Where): WherePayload {
  return { box: [round(x), round(y), round(width), round(height)], zones, view }
}

/** Longest phrase in a message; the config has the whole one. */
const PHRASE_LENGTH = 200

export function whyPayload({ at, for: strongest, against, margin, aboveQuiet, odds }: Why): WhyPayload {
  return {
    time: seconds(at),
    for: shorten(strongest, PHRASE_LENGTH),
    against: against && shorten(against, PHRASE_LENGTH),
    margin: round(margin),
    above_quiet: aboveQuiet === null ? null : round(aboveQuiet),
    odds: odds === null ? null : round(odds),
  }
}

/** A camera's status; `detail` is already redacted. */
export function statusPayload(status: CameraStatus): Record<string, unknown> {
  return {
    schema_version: SCHEMA_VERSION,
    state: status.state,
    problem: status.problem,
    reason: status.reason,
    detail: status.detail,
    at: seconds(status.at),
    retry_in: status.retryInMs === null ? null : seconds(status.retryInMs),
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

/** A score, a fraction of an image, nats. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
