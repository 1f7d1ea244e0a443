/** What an RTSP status other than 200 means and what to do about it. */

import type { LossReason } from '../../types.ts'
import type { ErrorCode } from '../../util/errorCodes.ts'
import { SourceError } from '../sourceErrors.ts'
import type { RtspMessage } from './createRtspReader.ts'

interface Meaning {
  readonly reason: LossReason
  readonly code: ErrorCode
  readonly means: string
}

const NOT_FOUND: Meaning = {
  reason: 'not-found',
  code: 'camera-not-found',
  means: 'the camera has no stream at this path',
}
const BUSY: Meaning = {
  reason: 'refused',
  code: 'camera-busy',
  means: 'the camera serves no more viewers: close other ones, or choose a stream with less bandwidth',
}

const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [
    400,
    {
      reason: 'not-found',
      code: 'camera-bad-request',
      means: 'the camera does not accept the request, often because it does not know the path: check it',
    },
  ],
  [403, { reason: 'auth', code: 'camera-auth', means: 'this user may not watch this stream: check its rights' }],
  [404, NOT_FOUND],
  [410, NOT_FOUND],
  [453, BUSY],
  [454, NOT_FOUND],
  [503, BUSY],
])

export function statusOf({ start }: RtspMessage): number {
  return Number(/^RTSP\/\d\.\d (\d{3})/.exec(start)?.[1] ?? 0)
}

/** @param answer whose status is not 200 */
export function refusal(answer: RtspMessage, method: string): SourceError {
  const status = statusOf(answer)
  const said = `${status} ${printable(phraseOf(answer))}`.trim()
  const meaning = MEANINGS.get(status)
  if (meaning) {
    const { reason, code, means } = meaning
    return new SourceError(code === 'camera-not-found' ? means : `${means} (${said})`, { reason, code })
  }
  const means =
    status >= 500
      ? `the camera reports an error of its own at ${method} (${said}): restart it if this lasts`
      : `the camera refuses ${method} (${said}): check its \`url\``
  return new SourceError(means, { reason: 'refused', code: 'camera-request-refused' })
}

/** A transport that the camera does not offer: 461, or an answer about another one. */
export function transportRefusal(transport: 'auto' | 'tcp' | 'udp'): SourceError {
  const other = transport === 'tcp' ? 'udp' : 'tcp'
  const means =
    transport === 'auto'
      ? 'the camera offers neither TCP nor UDP (461): choose unicast in the camera'
      : `the camera does not offer ${transport.toUpperCase()} (461): set \`transport: ${other}\` or \`transport: auto\``
  return new SourceError(means, { reason: 'refused', code: 'camera-transport' })
}

/** What the camera wrote after the number. */
function phraseOf({ start }: RtspMessage): string {
  return start.replace(/^RTSP\/\d\.\d \d{3} ?/, '')
}

function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 60)
    .trim()
}
