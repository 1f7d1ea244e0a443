/** Which part of the file a hub's answer contains. */

import type { Response } from 'undici'
import { WatchwordError } from '../util/errors.ts'

export interface WantedFile {
  readonly url: string
  /** null: the size is not known in advance. */
  readonly bytes: number | null
}

/** What Git shows instead of a large file has about 130 bytes. */
const LARGEST_POINTER_BYTES = 200

/**
 * The byte of the file at which the answer's body starts: 0 from a server without range support, null when unknown.
 * @throws WatchwordError `hub-denied` for a page instead of the file, `sha-mismatch` for a file of another size
 */
export function contentRangeStart({ status, headers }: Response, { url, bytes }: WantedFile): number | null {
  if (headers.get('content-type')?.startsWith('text/html')) {
    throw new WatchwordError(`Expected a file, got a web page for ${url}`, {
      code: 'hub-denied',
      hint: 'It may be the login page of a proxy, a mirror or this network: open the address in a browser',
    })
  }
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  // A compressed body has another length.
  const size = status === 206 ? range?.[2] : headers.has('content-encoding') ? null : headers.get('content-length')
  if (bytes !== null && /^\d+$/.test(size ?? '') && Number(size) !== bytes) {
    throw new WatchwordError(`Expected ${url} to have ${bytes} bytes, got ${size}`, {
      code: 'sha-mismatch',
      hint:
        Number(size) < LARGEST_POINTER_BYTES
          ? 'A mirror or proxy delivers another file, perhaps a Git LFS pointer: choose another mirror with HF_ENDPOINT'
          : 'A mirror or proxy delivers another file',
      facts: { url, expected: bytes, found: Number(size) },
    })
  }
  if (status !== 206) return 0
  return range === null ? null : Number(range[1])
}
