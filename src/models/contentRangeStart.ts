/** What a hub's answer holds: the file from some byte on, or something else. */

import type { Response } from 'undici'
import { WatchwordError } from '../util/errors.ts'

export interface WantedFile {
  readonly url: string
  /** null: not known beforehand. */
  readonly bytes: number | null
}

/**
 * Where in the file the answer's body begins: 0 for a server that knows no ranges, null where it does not say.
 * @throws WatchwordError `hub-denied` for a page instead of the file, `sha-mismatch` for a file of another size
 */
export function contentRangeStart({ status, headers }: Response, { url, bytes }: WantedFile): number | null {
  if (headers.get('content-type')?.startsWith('text/html')) {
    throw new WatchwordError(`Expected a file, got a web page for ${url}`, {
      code: 'hub-denied',
      hint: 'It may be the login page of a proxy, a mirror or this network: open the address in a browser and see',
    })
  }
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  // What is packed for its way has another length there.
  const size = status === 206 ? range?.[2] : headers.has('content-encoding') ? null : headers.get('content-length')
  if (bytes !== null && /^\d+$/.test(size ?? '') && Number(size) !== bytes) {
    throw new WatchwordError(`Expected ${url} to have ${bytes} bytes, got ${size}`, {
      code: 'sha-mismatch',
      hint: 'It is another file: a mirror or proxy changes files',
      facts: { url, expected: bytes, found: Number(size) },
    })
  }
  if (status !== 206) return 0
  return range === null ? null : Number(range[1])
}
