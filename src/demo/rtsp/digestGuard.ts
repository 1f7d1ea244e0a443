/** Checks digest access authentication (RFC 2617, MD5, with and without qop) as a server. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface DigestGuard {
  /** Value of `WWW-Authenticate`. */
  readonly challenge: string
  /** True when the `Authorization` header proves the password for this method. */
  admits(method: string, authorization: string | undefined): boolean
}

/** One guard per connection: its nonce dies with the connection. */
export function createDigestGuard(realm: string, credentials: { username: string; password: string }): DigestGuard {
  const nonce = randomBytes(16).toString('hex')
  return {
    challenge: `Digest realm="${realm}", nonce="${nonce}", algorithm=MD5`,
    admits(method, authorization) {
      if (!authorization?.startsWith('Digest ')) return false
      const given = parameters(authorization.slice('Digest '.length))
      if (given.username !== credentials.username || given.nonce !== nonce) return false
      const secret = md5(`${credentials.username}:${realm}:${credentials.password}`)
      const request = md5(`${method}:${given.uri ?? ''}`)
      const middle = given.qop ? `${nonce}:${given.nc}:${given.cnonce}:${given.qop}` : nonce
      const expected = Buffer.from(md5(`${secret}:${middle}:${request}`))
      const actual = Buffer.from(given.response ?? '')
      return actual.length === expected.length && timingSafeEqual(actual, expected)
    },
  }
}

function parameters(text: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  for (const [, key, quoted, bare] of text.matchAll(/\b(\w+)=(?:"([^"]*)"|([^,\s]*))/g))
    found[key as string] = quoted ?? bare ?? ''
  return found
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
