/** The frame rate that ffmpeg assumes for a video that has no times of its own. */

import { describeInput } from './ffmpeg/describeInput.ts'
import type { Ffmpeg } from './ffmpeg/findFfmpeg.ts'
import { mayBeRaw, readHead } from './readHead.ts'

/** The rate that demuxers of raw video assume. Another rate comes from the stream itself. */
const ASSUMED = 25

/** Demuxers of video without a container, by ffmpeg's names. */
const RAW = /^Input #0, (h264|hevc|vvc|m4v|mjpeg|jpeg_pipe|obu|av1|vc1|cavsvideo|dirac|h261|h263),/m

/** Frames a second; null for a video with times of its own. */
export async function guessedRate(path: string, ffmpeg: Pick<Ffmpeg, 'path'>): Promise<number | null> {
  if (!mayBeRaw(await readHead(path))) return null
  const description = await describeInput(path, ffmpeg)
  const rate = Number(/^ *Stream #0:0.*, ([\d.]+) fps,/m.exec(description)?.[1] ?? ASSUMED)
  return RAW.test(description) && rate === ASSUMED ? ASSUMED : null
}
