/** Checks a camera's URL and makes it fit for ffmpeg: only RTSP, only a host, and an address where names crash. */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { SourceLost } from './loss.ts'

/**
 * A camera's URL can't name a local file or another protocol.
 * @throws WatchwordError `camera-url-invalid`; its message holds no part of the URL
 */
export function parseCameraUrl(url: string): URL {
  const hint = 'Write it like rtsp://user:password@192.168.1.20:554/stream1, with special characters percent-encoded.'
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new WatchwordError('Expected the camera `url` to be a URL', { code: 'camera-url-invalid', hint })
  }
  if (!['rtsp:', 'rtsps:'].includes(parsed.protocol)) {
    throw new WatchwordError(`Expected the camera \`url\` to begin with rtsp:// or rtsps://, got ${parsed.protocol}`, {
      code: 'camera-url-invalid',
      hint,
    })
  }
  if (parsed.hostname === '') {
    throw new WatchwordError('Expected the camera `url` to name a host', { code: 'camera-url-invalid', hint })
  }
  return parsed
}

/** With the host name replaced by its first address; IPv6 in brackets. Cameras' certificates name no host anyway. */
export async function withAddress(url: URL, resolve: typeof lookup = lookup): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return url.href
  const { address, family } = await resolve(host).catch(error => {
    throw new SourceLost(`no such host: ${host} (${messageOf(error)})`, { reason: 'not-found', cause: error })
  })
  const resolved = family === 6 ? `[${address}]` : address
  // The setter of `hostname` is ignored for some schemes; the authority is the same everywhere.
  const user = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : `:${url.password}`}@`
  const port = url.port === '' ? '' : `:${url.port}`
  return `${url.protocol}//${user}${resolved}${port}${url.pathname}${url.search}`
}
