/** How far a video has been read, as a bar on a terminal. */

import { durationMs } from '../../sources/duration.ts'
import { findFfmpeg } from '../../sources/ffmpeg/find.ts'
import { createProgress } from '../progress.ts'

export interface VideoProgress {
  /** @param at position in the video, ms */
  readonly at: (at: number, frames: number) => void
  /** Takes the bar away until the next frame. */
  readonly done: () => void
}

/** Nothing where nobody would see it, or where the video does not say how long it is. */
export async function videoProgress(video: string, maxFrames = Number.POSITIVE_INFINITY): Promise<VideoProgress> {
  const total = process.stderr.isTTY ? await durationMs(video, await findFfmpeg()) : null
  if (total === null) return { at: () => {}, done: () => {} }
  const bar = createProgress('looking', 1)
  return { at: (at, frames) => bar.at(Math.max(at / total, frames / maxFrames)), done: () => bar.done() }
}
