/** What ffmpeg prints about a file when it has no output to make: container, streams, duration, rotation. */

import { runChild } from '../../util/childProcess.ts'
import type { Ffmpeg } from './findFfmpeg.ts'

const TIMEOUT_MS = 10_000

/** Empty, or only an error, for what is not a video. Never rejects. */
export async function describeInput(path: string, { path: ffmpeg }: Pick<Ffmpeg, 'path'>): Promise<string> {
  const args = ['-hide_banner', '-nostdin', '-protocol_whitelist', 'file', '-i', `file:${path}`]
  return (await runChild(ffmpeg, { args, timeoutMs: TIMEOUT_MS })).stderr
}
