/** Chooses the windows of a camera that are encoded as crops, and keeps each on its subject from frame to frame. Pure. */

import type { Box } from '../../types.ts'
import type { Subject } from './findSubjects.ts'

/** A window and what it follows. */
export interface Track {
  /** Counts up from 1 per camera; never used again. */
  readonly id: number
  /** What the encoder sees. */
  readonly window: Box
  /** What moves or rests in it, or did until `seenAt`. */
  readonly subject: Box
  /** When something was last seen in it, frame time, ms. */
  readonly seenAt: number
  /** When something last moved in it. */
  readonly movedAt: number
}

export interface Windows {
  readonly tracks: readonly Track[]
  readonly nextId: number
}

export const NO_WINDOWS: Windows = { tracks: [], nextId: 1 }

export interface WindowOptions {
  /** Size of a window in fractions of the image. */
  readonly width: number
  readonly height: number
  /** Most windows. */
  readonly most: number
  /** Frame time, ms. */
  readonly at: number
}

/** A subject that fills more of a window's width or height is seen well enough in the whole image. */
const LARGEST = 0.8
/** Several subjects share a window when together they fill no more of it. */
const SHARED = 0.8
/** A subject may come this close to the window's edge before the window follows it. Fraction of the window. */
const EDGE = 0.06
/** A window stays this long after its subject has left, so that its scores show that. */
const LINGER_MS = 2500
/** When all windows show what has rested this long, one of them gives way to what moves. */
const RESTED_MS = 20_000

export function followWindows(before: Windows, subjects: readonly Subject[], options: WindowOptions): Windows {
  const unserved = new Set(subjects.filter(({ box }) => fills(box, options) <= LARGEST))
  const tracks = before.tracks.flatMap(track => follow(track, unserved, options) ?? [])
  const kept = withoutTwins(tracks, options).slice(0, options.most)
  let { nextId } = before
  const largestFirst = [...unserved]
  for (const subject of largestFirst) {
    if (!unserved.has(subject)) continue
    if (kept.length >= options.most && !makeRoom(kept, options.at)) break
    const box = gather(subject.box, unserved, options)
    kept.push({ id: nextId, window: around(box, options), subject: box, seenAt: options.at, movedAt: options.at })
    nextId += 1
  }
  return { tracks: kept, nextId }
}

/** The track after this frame; null when its subject left some time ago. Subjects that it shows leave `unserved`. */
function follow(track: Track, unserved: Set<Subject>, options: WindowOptions): Track | null {
  const { at } = options
  const seen = [...unserved].filter(({ box }) => isCentredIn(box, track.window))
  const [first] = seen
  // A clock that stepped back ends the wait as well.
  if (first === undefined) return at >= track.seenAt && at - track.seenAt <= LINGER_MS ? track : null
  const all = seen.reduce((union, { box }) => unite(union, box), first.box)
  const movedAt = seen.some(({ moving }) => moving > 0) ? at : track.movedAt
  if (isWithin(all, shrink(track.window))) {
    for (const subject of seen) unserved.delete(subject)
    return { ...track, subject: all, seenAt: at, movedAt }
  }
  const subject = gather(first.box, unserved, options)
  return { ...track, window: around(subject, options), subject, seenAt: at, movedAt }
}

/** A box with all unserved subjects that fit into one window with it; those leave `unserved`. */
function gather(first: Box, unserved: Set<Subject>, options: WindowOptions): Box {
  let all = first
  for (const subject of [...unserved]) {
    const together = unite(all, subject.box)
    if (fills(together, options) > SHARED && subject.box !== first) continue
    all = together
    unserved.delete(subject)
  }
  return all
}

/**
 * Removes a track whose subject has left; or the first one, where all show what has rested for long: its event may end
 * before its subject leaves, but what moves must not wait for minutes. False when there is neither.
 */
function makeRoom(tracks: Track[], at: number): boolean {
  const left = tracks.findIndex(({ seenAt }) => seenAt < at)
  const haveRested = tracks.every(({ movedAt }) => at - movedAt > RESTED_MS)
  const index = left < 0 && haveRested ? 0 : left
  if (index < 0) return false
  tracks.splice(index, 1)
  return true
}

/** Of two windows whose subjects fit into one, the older one stays. */
function withoutTwins(tracks: readonly Track[], options: WindowOptions): Track[] {
  const kept: Track[] = []
  for (const track of tracks) {
    const twin = kept.findIndex(({ window }) => isWithin(track.subject, window))
    if (twin < 0) kept.push(track)
    else {
      const first = kept[twin] as Track
      const subject = unite(first.subject, track.subject)
      const [seenAt, movedAt] = [Math.max(first.seenAt, track.seenAt), Math.max(first.movedAt, track.movedAt)]
      kept[twin] = fills(subject, options) <= 1 ? { ...first, subject, seenAt, movedAt } : first
    }
  }
  return kept
}

/** The window with the box at its centre, moved into the image. */
function around({ x, y, width, height }: Box, window: { width: number; height: number }): Box {
  const left = Math.max(0, Math.min(1 - window.width, x + width / 2 - window.width / 2))
  const top = Math.max(0, Math.min(1 - window.height, y + height / 2 - window.height / 2))
  return { x: left, y: top, width: window.width, height: window.height }
}

/** The larger fraction of a window's width and height that a box fills. */
function fills(box: Box, window: { width: number; height: number }): number {
  return Math.max(box.width / window.width, box.height / window.height)
}

function unite(a: Box, b: Box): Box {
  const [left, top] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
  const right = Math.max(a.x + a.width, b.x + b.width)
  const bottom = Math.max(a.y + a.height, b.y + b.height)
  return { x: left, y: top, width: right - left, height: bottom - top }
}

function isCentredIn({ x, y, width, height }: Box, window: Box): boolean {
  const [cx, cy] = [x + width / 2, y + height / 2]
  return cx >= window.x && cx <= window.x + window.width && cy >= window.y && cy <= window.y + window.height
}

const TOLERANCE = 1e-9

function isWithin(box: Box, window: Box): boolean {
  return (
    box.x >= window.x - TOLERANCE &&
    box.y >= window.y - TOLERANCE &&
    box.x + box.width <= window.x + window.width + TOLERANCE &&
    box.y + box.height <= window.y + window.height + TOLERANCE
  )
}

/** The window without its edge; at the image's own edge there is none. */
function shrink({ x, y, width, height }: Box): Box {
  const [side, upright] = [EDGE * width, EDGE * height]
  const left = x <= TOLERANCE ? x : x + side
  const top = y <= TOLERANCE ? y : y + upright
  const right = x + width >= 1 - TOLERANCE ? x + width : x + width - side
  const bottom = y + height >= 1 - TOLERANCE ? y + height : y + height - upright
  return { x: left, y: top, width: right - left, height: bottom - top }
}
