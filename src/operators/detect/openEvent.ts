/** The lifecycle of one event: new, updated at each new peak, ended. Creates the changes that sinks receive. */

import type { Why } from '../../scoringTypes.ts'
import type { EndReason, EventChange, ViewImage, WatchEvent, Where } from '../../types.ts'

/** An event that is on, with its peak image that has not been published yet. */
export interface OpenEvent {
  readonly event: WatchEvent
  /** Sequence number of the next change. */
  readonly seq: number
  readonly lastPublishedAt: number
  /** The top score that was published last. */
  readonly lastPublishedScore: number
  /** The peak since then; null without a new peak. */
  readonly peak: EventPicture | null
}

/** The image of one moment of an event. */
export interface EventPicture {
  /** Null without an image. */
  readonly jpeg: Uint8Array | null
  readonly where: Where
  readonly viewImage: ViewImage | null
}

/** One frame of an open event. */
export interface FrameSample {
  readonly at: number
  readonly score: number
  readonly picture: EventPicture
  readonly variant: string
  /** Called only if the frame starts an event or is its new peak. */
  readonly why: () => Why | null
}

export interface EventStart {
  readonly camera: string
  readonly event: string
  /** Start time according to the evidence, ms. */
  readonly startTime: number
  /** Sequence number of the frame that made it certain. */
  readonly frameSeq: number
}

/** A peak is published when it is this much higher than the last published one. */
const PEAK_STEP = 0.01

export function openEvent(
  begun: EventStart,
  { at, score, picture, variant, why }: FrameSample,
): [OpenEvent, EventChange] {
  const { camera, event, startTime } = begun
  const opened: WatchEvent = {
    id: eventId(begun),
    camera,
    event,
    startTime,
    endTime: null,
    frameTime: at,
    score,
    topScore: score,
    topTime: at,
    endReason: null,
    variant,
    where: picture.where,
    why: why(),
  }
  const change: EventChange = {
    kind: 'event',
    type: 'new',
    seq: 0,
    before: null,
    after: opened,
    ...imagesOf(picture),
  }
  return [{ event: opened, seq: 1, lastPublishedAt: at, lastPublishedScore: score, peak: null }, change]
}

/** Follows the score and publishes a new peak, at most every `updateEveryMs`. */
export function followEvent(
  open: OpenEvent,
  { at, score, picture, variant, why }: FrameSample,
  updateEveryMs: number,
): [OpenEvent, EventChange | null] {
  const isPeak = score > open.event.topScore
  const top = isPeak ? { topScore: score, topTime: at, where: picture.where, why: why() ?? open.event.why } : {}
  const event: WatchEvent = { ...open.event, ...top, frameTime: at, score, variant }
  const next: OpenEvent = { ...open, event, peak: isPeak ? picture : open.peak }
  return at - open.lastPublishedAt >= updateEveryMs ? publishPeak(next, open.event) : [next, null]
}

/** Ends the event. A peak that has not been published yet is published first, so that its image is not lost. */
export function endEvent(open: OpenEvent, endTime: number, endReason: EndReason): EventChange[] {
  const [last, peak] = publishPeak(open, open.event)
  // If the clock was set back, an event must still not end before it started.
  const after = { ...last.event, endTime: Math.max(endTime, last.event.startTime), endReason }
  const end: EventChange = {
    kind: 'event',
    type: 'end',
    seq: last.seq,
    before: last.event,
    after,
    snapshot: null,
    viewImage: null,
  }
  return peak ? [peak, end] : [end]
}

function publishPeak(open: OpenEvent, before: WatchEvent): [OpenEvent, EventChange | null] {
  const { event, seq, lastPublishedScore, peak } = open
  if (event.topScore < lastPublishedScore + PEAK_STEP) return [open, null]
  const change: EventChange = {
    kind: 'event',
    type: 'update',
    seq,
    before,
    after: event,
    ...imagesOf(peak),
  }
  return [
    { ...open, seq: seq + 1, lastPublishedAt: event.frameTime, lastPublishedScore: event.topScore, peak: null },
    change,
  ]
}

/** The view's image only beside a snapshot: it explains that. */
function imagesOf(picture: EventPicture | null): Pick<EventChange, 'snapshot' | 'viewImage'> {
  const snapshot = picture?.jpeg ?? null
  return { snapshot, viewImage: snapshot === null ? null : (picture?.viewImage ?? null) }
}

/**
 * `20261124T034255123-street-person_walking-4f`: sorts by start time, valid in file names and topics. The frame's
 * number, which never repeats within a run, keeps it unique when the clock is set back.
 */
function eventId({ camera, event, startTime, frameSeq }: EventStart): string {
  const time = new Date(startTime).toISOString().replace(/[-:.Z]/g, '')
  return `${time}-${camera}-${event}-${frameSeq.toString(36)}`
}
