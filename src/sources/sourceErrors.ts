/** Why a source ended, by the reasons that decide how long to wait before the next attempt. */

import type { LossReason } from '../types.ts'
import type { ChildExit } from '../util/childProcess.ts'
import type { ErrorCode } from '../util/errorCodes.ts'
import { WatchwordError } from '../util/errors.ts'

export interface SourceErrorOptions {
  readonly reason: LossReason
  /** Default: `camera-<reason>`. */
  readonly code?: ErrorCode
  readonly hint?: string
  readonly cause?: unknown
}

/** One attempt of a source is over. The message is one redacted line. */
export class SourceError extends WatchwordError {
  readonly reason: LossReason

  constructor(message: string, { reason, code = `camera-${reason}`, ...rest }: SourceErrorOptions) {
    super(message, { code, facts: { reason }, ...rest })
    this.name = 'SourceError'
    this.reason = reason
  }
}

/** The filter graph or the mapping asked for video and there was none. The line's end may be cut off. */
export const NO_VIDEO_STREAM = /Stream specifier '?:?V:0'?|Stream map .{0,200} matches no streams/

interface Symptom {
  readonly pattern: RegExp
  readonly reason: LossReason
  /** Default: `camera-<reason>`. */
  readonly code?: ErrorCode
  /** For the log. */
  readonly means: string
}

/**
 * ffmpeg ends with code 1 (or 0) whatever happened, so only its last lines say why. These are texts of libavcodec and
 * libavformat, unchanged since 4.x; tests compare them with a real ffmpeg. The first match decides.
 */
const SYMPTOMS: readonly Symptom[] = [
  {
    pattern: /\bhwaccel\b|Device setup failed for decoder|No device available for decoder/i,
    reason: 'crash',
    means: 'this machine or ffmpeg does not support the `hwaccel` of the config: set another one, or none',
  },
  {
    pattern: /Picture size \d+x\d+ exceeds specified max pixel count|Picture size \d+x\d+ is invalid/i,
    reason: 'invalid-data',
    code: 'image-too-large',
    means: 'its frames are too large to decode: choose a smaller stream',
  },
  {
    pattern: /Cannot allocate memory|malloc of size \d+ failed|Out of memory/i,
    reason: 'crash',
    code: 'out-of-memory',
    means: 'ffmpeg needed more memory than its limit: choose a smaller stream',
  },
  { pattern: NO_VIDEO_STREAM, reason: 'invalid-data', means: 'it has no video' },
  {
    pattern: /Protocol .{0,200} not on whitelist/i,
    reason: 'invalid-data',
    means: 'it leads to a protocol that is not allowed',
  },
  {
    pattern:
      /Invalid data found|Error number .{0,40} occurred|Protocol error|could not find codec|Could not write header/i,
    reason: 'invalid-data',
    means: 'it sends no video that ffmpeg can decode: choose H.264 or H.265',
  },
]

export interface Ending {
  readonly exit: ChildExit
  /** The last redacted lines of stderr, oldest first. */
  readonly lastLines: readonly string[]
  /** Those of its last second. */
  readonly finalLines: readonly string[]
  /** Frames that came before the end. */
  readonly frames: number
}

export interface Explanation {
  readonly reason: LossReason
  readonly code: ErrorCode
  readonly detail: string
}

/** What the end of an ffmpeg that nothing asked to stop means for a live source. */
export function explainEnding({ exit, frames, lastLines, finalLines }: Ending): Explanation {
  const because = (reason: LossReason, detail: string, code: ErrorCode = `camera-${reason}`) => ({
    reason,
    code,
    detail,
  })
  if (exit.failure) {
    const { code, message } = exit.failure
    if (code === 'EMFILE' || code === 'ENFILE') return because('crash', tooManyFiles(code), 'too-many-files')
    return because('crash', `Cannot start ffmpeg: ${message}`)
  }
  // After frames, an older error is about a frame and not about the end.
  const relevant = frames > 0 ? finalLines : lastLines
  const last = relevant.at(-1)
  const quoted = last === undefined ? '' : ` (ffmpeg: ${last})`
  if (exit.signal !== null) return because('crash', `ffmpeg was ended by ${exit.signal}${quoted}`)
  // ffmpeg ends with 0 when a stream ends. An end that Watchword did not request is a loss, whatever the code.
  if (exit.code === 0 && frames > 0) return because('eof', 'the stream ended')
  const symptom = SYMPTOMS.find(({ pattern }) => pattern.test(relevant.join('\n')))
  if (symptom) return because(symptom.reason, `${symptom.means}${quoted}`, symptom.code)
  if (exit.code === 0 || frames > 0) return because('eof', `the stream ended${quoted}`)
  return because('crash', `ffmpeg ended with code ${exit.code}${quoted}`)
}

/** Sockets and children need them. */
export function tooManyFiles(code: string): string {
  return `too many open files (${code}): raise the limit, \`ulimit -n\``
}
