/** Times on the command line: how long ago, or a date with or without a time. */

import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../../config/units.ts'
import { WatchwordError } from '../../util/errors.ts'
import { shorten } from '../../util/shorten.ts'

export type PastTime = { readonly agoMs: number } | { readonly at: number }

const TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i

/** Parses `24h`, `7d`, `2026-11-30`, `2026-11-30T14:05` (local time) and `2026-11-30T14:05Z`; for commander. */
export function pastTime(text: string): PastTime {
  const agoMs = parseDuration(text)
  if (agoMs !== null) return { agoMs }
  const trimmed = text.trim()
  if (TIME.test(trimmed)) {
    // A date alone would be read as UTC.
    const at = Date.parse(trimmed.length === 10 ? `${trimmed}T00:00` : trimmed.replace(' ', 'T'))
    if (Number.isFinite(at)) return { at }
  }
  throw new InvalidArgumentError(
    `Expected how long ago, such as 24h or 7d, or a time such as 2026-11-30T14:05, got "${shorten(text, 60)}"`,
  )
}

/** Capture times in ms since the epoch; `to` is not included. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/**
 * @param until default: now
 * @throws WatchwordError `invalid-option` for a range without time in it
 */
export function timeRange(
  { since, until }: { readonly since: PastTime; readonly until?: PastTime },
  now: number,
): TimeRange {
  const at = (time: PastTime) => ('at' in time ? time.at : Math.max(0, now - time.agoMs))
  // A camera's clock may be ahead of ours by a little.
  const range = { from: at(since), to: until === undefined ? now + 60_000 : at(until) }
  if (range.from < range.to) return range
  throw new WatchwordError('Expected --since to be before --until, and before now', { code: 'invalid-option' })
}
