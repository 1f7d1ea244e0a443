/** How long a video says it is, from its header alone: for progress, not for arithmetic. */

import { runChild } from '../util/childProcess.ts'
import type { Ffmpeg } from './ffmpeg/findFfmpeg.ts'

const TIMEOUT_MS = 10_000

/** ms; null when the header does not say, or the file is none. */
export async function durationMs(path: string, { path: ffmpeg }: Pick<Ffmpeg, 'path'>): Promise<number | null> {
  // Without an output ffmpeg tells what it was given, and ends.
  const args = ['-hide_banner', '-nostdin', '-protocol_whitelist', 'file', '-i', `file:${path}`]
  const { stderr } = await runChild(ffmpeg, { args, timeoutMs: TIMEOUT_MS })
  const [, hours, minutes, seconds] = /^ *Duration: (\d+):(\d\d):(\d\d\.\d+)/m.exec(stderr) ?? []
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return Number.isFinite(ms) && ms > 0 ? ms : null
}
