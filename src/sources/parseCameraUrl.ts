/** Checks a camera's URL: only RTSP, with a host; and reads its login. */

import { WatchwordError } from '../util/errors.ts'

/**
 * A camera's URL cannot name a local file or another protocol.
 * @throws WatchwordError `camera-url-invalid`; its message holds no part of the URL
 */
export function parseCameraUrl(url: string): URL {
  // An example with a login in it would be masked like a real one.
  const hint =
    'Write it like rtsp://192.168.1.20:554/stream1, a login before the host, special characters percent-encoded.'
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

/** User and password of a URL, decoded; null without a user. The password may be empty. */
export function loginOf({ username, password }: URL): { user: string; password: string } | null {
  return username === '' && password === '' ? null : { user: decoded(username), password: decoded(password) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
