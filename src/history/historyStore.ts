/** All cameras of a history writer on disk. Used in its thread, because it blocks. */

import { type Clocks, createClockTrust } from '../util/clockTrust.ts'
import { messageOf } from '../util/errors.ts'
import { writeError } from '../util/writeError.ts'
import { type CameraAppender, createCameraAppender } from './cameraAppender.ts'
import type { FromHistory, HistoryBatch, HistoryTask } from './historyProtocol.ts'
import { makeThumbnail } from './makeThumbnail.ts'
import { removeOldSegments } from './removeOldSegments.ts'
import { historyFolder } from './segments.ts'

export interface HistoryStore {
  /** Never rejects: the answer says what failed. */
  write(batch: HistoryBatch): Promise<Extract<FromHistory, { type: 'written' }>>
  /** Ends the segments of the past and removes the oldest. @returns bytes that are left @throws the system's error */
  cleanUp(): number
  close(): void
}

const DAY_MS = 86_400_000
/** Retention deletes whole segments: there must be several within the age and within the bytes. */
const LEAST_SEGMENTS = 8
const SHORTEST_SEGMENT_MS = 600_000
const LARGEST_SEGMENT_BYTES = 64e6
/** A clock that is wrong by weeks after a start must not delete the history of weeks. */
const CLOCK_TRUST_MS = 6 * 3_600_000
const CLOCKS: Clocks = { wall: Date.now, steady: () => performance.now() }

export function createHistoryStore(task: HistoryTask, clocks: Clocks = CLOCKS): HistoryStore {
  const { dataDir, maxAgeMs, maxBytes } = task
  const segmentMs = Math.min(DAY_MS, Math.max(SHORTEST_SEGMENT_MS, Math.floor(maxAgeMs / LEAST_SEGMENTS)))
  // Open segments are not removed, and every camera has one.
  const segmentBytes = () => Math.min(LARGEST_SEGMENT_BYTES, maxBytes / LEAST_SEGMENTS / appenders.size)
  const clock = createClockTrust(clocks, CLOCK_TRUST_MS)
  const appenders = new Map<string, CameraAppender>()
  const appenderOf = (camera: string): CameraAppender => {
    const known = appenders.get(camera)
    if (known !== undefined) return known
    const made = createCameraAppender({ ...task, camera, segmentMs, segmentBytes })
    appenders.set(camera, made)
    return made
  }
  return {
    write: async batch => {
      const appender = appenderOf(batch.camera)
      const none = { type: 'written', vectors: 0, thumbnails: 0, problem: null } as const
      try {
        const problem = appender.wasReplaced()
          ? `${historyFolder(dataDir)} was deleted or replaced by another program; new files are made`
          : null
        const vectors = appender.append(batch)
        const thumbnails = await writeThumbnails(appender, batch)
        return { ...none, vectors, thumbnails: thumbnails.count, error: null, problem: problem ?? thumbnails.problem }
      } catch (error) {
        return { ...none, error: messageOf(writeError(error, historyFolder(dataDir))) }
      }
    },
    cleanUp: () => {
      for (const appender of appenders.values()) appender.rest(clocks.wall())
      return removeOldSegments({
        dataDir,
        oldestAt: clock.isTrusted() ? clocks.wall() - maxAgeMs : Number.NEGATIVE_INFINITY,
        maxBytes,
        segmentMs,
        isOpen: ({ camera, start }) => appenders.get(camera)?.open() === start,
      })
    },
    close: () => {
      for (const appender of appenders.values()) appender.close()
    },
  }
}

/** The frames are written by then, so that a thumbnail that fails takes nothing else with it. */
async function writeThumbnails(appender: CameraAppender, { pictures }: HistoryBatch) {
  let count = 0
  for (const { at, view, image } of pictures) {
    try {
      appender.appendThumbnail(at, view, await makeThumbnail(image))
      count++
    } catch (error) {
      return { count, problem: `a thumbnail: ${messageOf(error)}` }
    }
  }
  return { count, problem: null }
}
