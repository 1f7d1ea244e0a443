/** Answers a camera's `WWW-Authenticate`: Basic (RFC 7617) and Digest (RFC 2617, 7616). */

import { createHash, randomBytes } from 'node:crypto'

export interface Login {
  readonly user: string
  readonly password: string
}

export interface AuthorizeOptions {
  readonly login: Login
  readonly method: string
  /** As it stands in the request line. */
  readonly uri: string
}

const HASHES: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-256', 'sha256'],
  ['SHA-512-256', 'sha512-256'],
])

/** What to put into `Authorization`; null when the camera offers no scheme that is known here. Digest is preferred. */
export function authorize(challenges: readonly string[], options: AuthorizeOptions): string | null {
  const digests = challenges.filter(challenge => /^digest\b/i.test(challenge)).map(parametersOf)
  const usable = digests.flatMap(parameters => {
    const [, name = '', session] = /^(.+?)(-sess)?$/i.exec(parameters.get('algorithm') ?? 'MD5') ?? []
    const hash = HASHES.get(name.toUpperCase())
    return hash ? [{ parameters, hash, session: session !== undefined }] : []
  })
  const [digest] = usable
  if (digest) return digestOf(digest, options)
  if (!challenges.some(challenge => /^basic\b/i.test(challenge))) return null
  const { user, password } = options.login
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** What the camera asks for, for people: `Digest SHA-1`, `Negotiate`. */
export function schemesOf(challenges: readonly string[]): string {
  const names = challenges.map(challenge => {
    const [scheme = ''] = /^[\w-]{1,40}/.exec(challenge) ?? []
    const algorithm = parametersOf(challenge).get('algorithm')
    return algorithm ? `${scheme} ${algorithm.slice(0, 40)}` : scheme
  })
  return [...new Set(names)].join(', ') || 'nothing that it names'
}

interface Digest {
  readonly parameters: ReadonlyMap<string, string>
  readonly hash: string
  readonly session: boolean
}

function digestOf({ parameters, hash, session }: Digest, { login, method, uri }: AuthorizeOptions): string {
  const hex = (text: string) => createHash(hash).update(text).digest('hex')
  const realm = parameters.get('realm') ?? ''
  const nonce = parameters.get('nonce') ?? ''
  const qop = (parameters.get('qop') ?? '').split(',').some(each => each.trim() === 'auth')
  const cnonce = randomBytes(8).toString('hex')
  const count = '00000001'
  const secret = hex(`${login.user}:${realm}:${login.password}`)
  const first = session ? hex(`${secret}:${nonce}:${cnonce}`) : secret
  const request = hex(`${method}:${uri}`)
  const response = hex(qop ? `${first}:${nonce}:${count}:${cnonce}:auth:${request}` : `${first}:${nonce}:${request}`)
  const quoted = { username: login.user, realm, nonce, uri, response }
  const parts = Object.entries(quoted).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`)
  const algorithm = parameters.get('algorithm')
  const opaque = parameters.get('opaque')
  if (algorithm) parts.push(`algorithm=${algorithm}`)
  if (opaque !== undefined) parts.push(`opaque="${opaque}"`)
  if (qop) parts.push('qop=auth', `nc=${count}`)
  if (qop || session) parts.push(`cnonce="${cnonce}"`)
  return `Digest ${parts.join(', ')}`
}

function parametersOf(challenge: string): ReadonlyMap<string, string> {
  const pairs = challenge.matchAll(/([\w-]{1,40})=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)
  return new Map(
    [...pairs].map(([, name = '', quoted, bare]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
    ]),
  )
}
