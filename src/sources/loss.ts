/** Why a source ended, sorted into the reasons that decide how long to wait before the next attempt. */

import type { LossReason } from '../types.ts'
import type { ChildExit } from '../util/child.ts'
import type { ErrorCode } from '../util/errorCodes.ts'
import { WatchwordError } from '../util/errors.ts'

export interface SourceLostOptions {
  readonly reason: LossReason
  /** Default: `camera-<reason>`. */
  readonly code?: ErrorCode
  readonly hint?: string
  readonly cause?: unknown
}

/** One attempt of a source is over. The message is one redacted line. */
export class SourceLost extends WatchwordError {
  readonly reason: LossReason

  constructor(message: string, { reason, code = `camera-${reason}`, ...rest }: SourceLostOptions) {
    super(message, { code, facts: { reason }, ...rest })
    this.name = 'SourceLost'
    this.reason = reason
  }
}

/** The filter graph or the mapping asked for video and there was none. The line's end may be cut off. */
export const NO_VIDEO_STREAM = /Stream specifier '?:?V:0'?|Stream map .{0,200} matches no streams/

interface Symptom {
  readonly pattern: RegExp
  readonly reason: LossReason
  /** For people. */
  readonly means: string
}

/**
 * ffmpeg ends with code 1 (or 0) whatever happened: its last words are all there is. These are texts of av_strerror
 * and of the RTSP client, unchanged since 3.x; tests compare them with a real ffmpeg. The first that fits wins.
 */
const SYMPTOMS: readonly Symptom[] = [
  {
    pattern: /\bhwaccel\b|Device setup failed for decoder|No device available for decoder/i,
    reason: 'crash',
    means: 'this machine or ffmpeg has not got the `hwaccel` of the config: take another one, or none',
  },
  { pattern: /\b40[13] (Unauthorized|Forbidden)/i, reason: 'auth', means: 'the camera refused user or password' },
  { pattern: /\b(404|454) |Server returned 404/i, reason: 'not-found', means: 'the camera has no stream at this path' },
  { pattern: /Failed to resolve hostname|Name or service not known/i, reason: 'not-found', means: 'no such host' },
  { pattern: /Connection refused/i, reason: 'refused', means: 'nothing listens at this address and port' },
  {
    pattern: /No route to host|Network is unreachable|Host is unreachable/i,
    reason: 'refused',
    means: 'no way to this address',
  },
  { pattern: /timed out|Operation timeout/i, reason: 'timeout', means: 'no answer' },
  { pattern: /Connection reset|Broken pipe/i, reason: 'eof', means: 'the camera closed the connection' },
  { pattern: NO_VIDEO_STREAM, reason: 'garbage', means: 'there is no video in it' },
  {
    pattern: /Protocol .{0,200} not on whitelist/i,
    reason: 'garbage',
    means: 'it leads to a protocol that is not allowed',
  },
  {
    pattern: /Server returned 5\d\d|\b5\d\d (Internal|Service)/i,
    reason: 'eof',
    means: 'the camera reports an error of its own',
  },
  { pattern: /Server returned 4\d\d|\b4\d\d /i, reason: 'garbage', means: 'the camera refused the request' },
  {
    pattern:
      /Invalid data found|Error number .{0,40} occurred|Protocol error|could not find codec|Could not write header/i,
    reason: 'garbage',
    means: 'what it sends is not video',
  },
]

/** Nothing is learnt from ffmpeg's own words here. */
const SAYS_ALL: ReadonlySet<LossReason> = new Set(['auth', 'refused', 'not-found'])

export interface Ending {
  readonly exit: ChildExit
  /** The last redacted lines of stderr, oldest first. */
  readonly lastWords: readonly string[]
  /** Pictures that came before the end. */
  readonly pictures: number
  readonly ranForMs: number
  /** The socket timeout that ffmpeg was given, ms; null for files. */
  readonly socketTimeoutMs: number | null
}

/** What the end of an ffmpeg that nobody asked to stop means for a live source. */
export function explainEnding(ending: Ending): { reason: LossReason; detail: string } {
  const { exit, lastWords, pictures } = ending
  if (exit.failure) return { reason: 'crash', detail: `ffmpeg can't be started: ${exit.failure.message}` }
  const last = lastWords.at(-1)
  const said = last === undefined ? '' : ` (ffmpeg: ${last})`
  if (exit.signal !== null) return { reason: 'crash', detail: `ffmpeg was ended by ${exit.signal}${said}` }
  // When a camera vanishes ffmpeg ends with 0: an end that nobody asked for is a loss, whatever the code.
  const text = lastWords.join('\n')
  const symptom = exit.code === 0 && pictures > 0 ? undefined : SYMPTOMS.find(({ pattern }) => pattern.test(text))
  // ffmpeg calls an RTSP answer that never came "invalid data": only the clock tells it from a wrong one.
  const waitedInVain = pictures === 0 && ending.ranForMs >= (ending.socketTimeoutMs ?? Number.POSITIVE_INFINITY)
  if (symptom?.reason === 'garbage' && waitedInVain) return { reason: 'timeout', detail: 'no answer' }
  if (symptom)
    return { reason: symptom.reason, detail: SAYS_ALL.has(symptom.reason) ? symptom.means : `${symptom.means}${said}` }
  if (exit.code === 0 || pictures > 0) return { reason: 'eof', detail: `the stream ended${said}` }
  return { reason: 'crash', detail: `ffmpeg ended with code ${exit.code}${said}` }
}
