/** The frame rate that ffmpeg assumes for a video that has no times of its own. */

import { runChild } from '../util/childProcess.ts'
import type { Ffmpeg } from './ffmpeg/findFfmpeg.ts'
import { mayBeRaw, readHead } from './readHead.ts'

const TIMEOUT_MS = 10_000

/** What the demuxers of raw video assume. Another rate comes from the stream itself. */
const ASSUMED = 25

/** Demuxers of video without a container, by ffmpeg's names. */
const RAW = /^Input #0, (h264|hevc|vvc|m4v|mjpeg|jpeg_pipe|obu|av1|vc1|cavsvideo|dirac|h261|h263),/m

/** Frames a second; null for a video with times of its own. */
export async function guessedRate(path: string, { path: ffmpeg }: Pick<Ffmpeg, 'path'>): Promise<number | null> {
  if (!mayBeRaw(await readHead(path))) return null
  // Without an output ffmpeg says what the input is, and ends.
  const args = ['-hide_banner', '-nostdin', '-protocol_whitelist', 'file', '-i', `file:${path}`]
  const { stderr } = await runChild(ffmpeg, { args, timeoutMs: TIMEOUT_MS })
  const rate = Number(/^ *Stream #0:0.*, ([\d.]+) fps,/m.exec(stderr)?.[1] ?? ASSUMED)
  return RAW.test(stderr) && rate === ASSUMED ? ASSUMED : null
}
