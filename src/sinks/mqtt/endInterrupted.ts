/** Completes what a killed run left: an event without its `new`, and one without its `end`. */

import type { WatchEvent } from '../../types.ts'
import type { ChangeRecord } from '../eventPayload.ts'

/** The `end` of an event that was open when the run was killed: at its last frame. */
export function endInterrupted(last: ChangeRecord): ChangeRecord {
  const after: WatchEvent = { ...last.after, endTime: last.after.frameTime, endReason: 'restart' }
  return { type: 'end', seq: last.seq + 1, before: last.after, after, hasSnapshot: false }
}

/** A lost `new`, from the earliest known state of its event. */
export function restoreNew(change: ChangeRecord): ChangeRecord {
  const first = change.before ?? change.after
  const after: WatchEvent = { ...first, endTime: null, endReason: null }
  return { type: 'new', seq: 0, before: null, after, hasSnapshot: false }
}
