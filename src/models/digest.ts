/** The hash that a downloaded file must have. */

import { createHash, type Hash } from 'node:crypto'

/**
 * `sha256`: of the content; what hubs publish for large files. `git-blob`: Git's name of the content, sha1 over its length
 * and itself; all that hubs publish for small files.
 */
export interface Digest {
  readonly kind: 'sha256' | 'git-blob'
  readonly hex: string
}

/** @param bytes size of the whole file; a Git blob needs it first */
export function startHash({ kind }: Digest, bytes: number | null): Hash {
  if (kind === 'sha256') return createHash('sha256')
  return createHash('sha1').update(`blob ${bytes ?? 0}\0`)
}

/** A hash in an ETag, which is in quotes and may be marked as weak; null when it is no hash. */
export function digestOfEtag(etag: string | null): Digest | null {
  const hex = etag?.replace(/^W\//, '').replace(/^"|"$/g, '').toLowerCase() ?? ''
  if (/^[0-9a-f]{64}$/.test(hex)) return { kind: 'sha256', hex }
  return /^[0-9a-f]{40}$/.test(hex) ? { kind: 'git-blob', hex } : null
}
