/** Duration of a video as its header states it: for progress, not for arithmetic. */

import { describeInput } from './ffmpeg/describeInput.ts'
import type { Ffmpeg } from './ffmpeg/findFfmpeg.ts'

/** ms; null when the header does not state it, or the file is not a video. */
export async function durationMs(path: string, ffmpeg: Pick<Ffmpeg, 'path'>): Promise<number | null> {
  const description = await describeInput(path, ffmpeg)
  const [, hours, minutes, seconds] = /^ *Duration: (\d+):(\d\d):(\d\d\.\d+)/m.exec(description) ?? []
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return Number.isFinite(ms) && ms > 0 ? ms : null
}
