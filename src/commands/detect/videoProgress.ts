/** Shows on a terminal how much of a video has been read. */

import { durationMs } from '../../sources/durationMs.ts'
import { findFfmpeg } from '../../sources/ffmpeg/findFfmpeg.ts'
import { createProgress } from '../progress.ts'

export interface VideoProgress {
  /** @param at position in the video, ms */
  readonly at: (at: number, frames: number) => void
  /** Removes the bar until the next frame. */
  readonly done: () => void
}

/** Shows nothing without a terminal or when the length of the video is unknown. */
export async function videoProgress(video: string, maxFrames = Number.POSITIVE_INFINITY): Promise<VideoProgress> {
  const total = process.stderr.isTTY ? await durationMs(video, await findFfmpeg()) : null
  if (total === null) return { at: () => {}, done: () => {} }
  const bar = createProgress('detecting', 1)
  return { at: (at, frames) => bar.at(Math.max(at / total, frames / maxFrames)), done: () => bar.done() }
}
