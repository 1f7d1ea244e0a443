/** Checks the `url` of a camera: an RTSP address, a demo camera, or a path. */

import { ENCODE_LOGIN, hasReadableLogin } from './hasReadableLogin.ts'

/** A single letter is a Windows drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i

/** `192.168.1.20/live`, `camera.lan:554/live`, `me:secret@camera/live`: an address whose `rtsp://` is missing. */
const WITHOUT_SCHEME =
  /^(?:[^/\\@:]+:[^/\\@]*@[^/\\@]+|(?:[^/\\@]*@)?(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|[a-z0-9._-]+:\d+|\[[0-9a-f:.]+\](?::\d+)?)(?:[/?]|$))/i

/** True for an address, valid or not; false for a path. */
export function isAddress(url: string): boolean {
  return SCHEME.test(url) || WITHOUT_SCHEME.test(url)
}

/** The problem and its remedy as one message that holds no part of the login; null for a valid URL. */
export function cameraUrlProblem(url: string): string | null {
  if (!isAddress(url)) return null
  if (WITHOUT_SCHEME.test(url) && !url.includes('://'))
    return 'Expected `url` to begin with rtsp:// or rtsps://, or to be a path: write rtsp:// before the host'
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'demo') return null
  if (scheme !== 'rtsp' && scheme !== 'rtsps')
    return `Expected \`url\` to begin with rtsp:// or rtsps://, or to be a path, got ${scheme}:`
  if (!hasReadableLogin(url)) return `Expected \`url\` to be an address such as rtsp://host:554/path; ${ENCODE_LOGIN}`
  const { hostname, hash } = new URL(url)
  if (hostname === '') return 'Expected `url` to be an address with a host, such as rtsp://host:554/path'
  return hash === '' ? null : fragmentProblem(hash)
}

/** A fragment is never sent to the camera; go2rtc keeps its own settings there. */
function fragmentProblem(hash: string): string {
  const setting = /^#([a-z_]{1,20})=/i.exec(hash)?.[1]
  const what = setting === undefined ? 'a fragment (the part after #)' : `#${setting}=…`
  const advice = setting === 'timeout' ? 'the key `stall_timeout` sets how long a camera may be silent' : ENCODE_LOGIN
  return `Expected \`url\` without ${what}, which is not part of an RTSP address: remove it; ${advice}`
}
