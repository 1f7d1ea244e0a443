/** Where a camera's requests go to: its own host only, redirects included. */

import { SourceError } from '../sourceErrors.ts'
import { authorize, schemesOf } from './authorize.ts'

/** Where requests go to, and with which login. */
export interface Target {
  readonly url: URL
  readonly address: string
  /** Not sent to another port of the same host, where another program may listen. */
  readonly mayLogIn: boolean
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['rtsp:', 554],
  ['rtsps:', 322],
])

export function loginError({ mayLogIn, url }: Target, challenges: readonly string[], hasLogin: boolean): SourceError {
  const lost = (message: string) => new SourceError(message, { reason: 'auth' })
  if (!mayLogIn) {
    const where = `port ${portOf(url)}, where its password is not sent`
    const advice = "if that port is right, write it in the camera's `url`"
    return new SourceError(`the camera redirects to ${where}: ${advice}`, { reason: 'auth', code: 'camera-redirect' })
  }
  if (!hasLogin) return lost('the camera asks for user and password: write them in its `url`')
  if (authorize(challenges, { login: { user: '', password: '' }, method: '', uri: '' }) !== null)
    return lost('the camera refused user or password')
  return new SourceError(`the camera asks for a login that is not supported: ${schemesOf(challenges)}`, {
    reason: 'auth',
    code: 'camera-login-unsupported',
  })
}

/** The same host only: a redirect must not lead ffmpeg, or the password, elsewhere. */
export function redirected(from: Target, location: string, camera: { url: URL; address: string }): Target {
  let to: URL
  try {
    to = new URL(location, uriOf(from.url))
  } catch {
    throw redirectError('to no URL')
  }
  if (!DEFAULT_PORTS.has(to.protocol)) throw redirectError(`to another protocol (${to.protocol.slice(0, 20)})`)
  const host = bare(to.hostname)
  if (host !== bare(camera.url.hostname) && host !== camera.address)
    throw redirectError(
      `to another host (${host.slice(0, 100)}:${portOf(to)}): if that is right, write its address in the camera's \`url\``,
    )
  to.username = camera.url.username
  to.password = camera.url.password
  const mayLogIn = portOf(to) === portOf(camera.url) && to.protocol === camera.url.protocol
  return { url: to, address: camera.address, mayLogIn }
}

export function redirectError(where: string): SourceError {
  return new SourceError(`the camera redirects ${where}`, { reason: 'refused', code: 'camera-redirect' })
}

/** Without login and fragment. */
export function uriOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search}`
}

export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

export function portOf(url: URL): number {
  return Number(url.port) || (DEFAULT_PORTS.get(url.protocol) ?? 554)
}
