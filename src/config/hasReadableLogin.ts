/** Checks that the login in a URL can be read in only one way. */

/** Used in messages. They show no example with a login, because it would be redacted like a real one. */
export const ENCODE_LOGIN =
  'percent-encode special characters of user and password: %40 for @, %2F for /, %23 for #, %3F for ?, %25 for %'

/**
 * False for a password with an unencoded `%`, `/`, `?` or `#`. The last three end the host for every URL parser:
 * `rtsp://me:12/34@camera/live` is the host `me`, port 12; `rtsp://me@mail.com:12/34@camera` is the host `mail.com`.
 */
export function hasReadableLogin(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { username, password } = new URL(url)
  try {
    decodeURIComponent(username + password)
  } catch {
    return false
  }
  return !hasHostAfterPath(url)
}

/** The login as the user may have meant it: all between `://` and the last `@`; empty without one. For redaction only. */
export function looseLogin(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(url)?.[1] ?? ''
}

/** True when the text after an `@` in the path looks more like a host than the text in the host's place. */
function hasHostAfterPath(url: string): boolean {
  const [, authority = '', rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  const tail = rest.slice(rest.lastIndexOf('@') + 1)
  // Without a colon in the authority there is no password that could have been cut off.
  if (!rest.includes('@') || !authority.includes(':')) return false
  const at = authority.lastIndexOf('@')
  const [login, place] = [authority.slice(0, Math.max(at, 0)), authority.slice(at + 1)]
  // A colon before the `@` belongs to the password. Otherwise `me:12` may be a host and port, or half a login.
  const host = login.includes(':') ? place : place.replace(/:\d+$/, '')
  const likeness = hostLikeness(host)
  // A user without a password may be half a user that is a mail address, and the port half a password: then any host
  // behind it is likelier.
  const isHalf = at >= 0 && !login.includes(':') && !CAMERA_PORT.test(place)
  const needed = isHalf ? 1 : Math.max(1, likeness)
  return likeness < CERTAIN && hostLikeness(tail) >= needed
}

const CERTAIN = 3
/** Ports at which cameras and recorders usually serve RTSP. */
const CAMERA_PORT = /:(554|8554|10554|322|7447|80|443|8080)$/

/** 3: an address, 2: a name with a dot or a port, 1: a word, 0: no host. */
function hostLikeness(text: string): number {
  const [, host = '', port] = /^(\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9._-]*)(:\d+)?(?:[/?#]|$)/i.exec(text) ?? []
  if (/^(\[.*\]|\d+\.\d+\.\d+\.\d+|localhost)$/i.test(host)) return CERTAIN
  if (host === '' || /^\d+$/.test(host)) return 0
  return host.includes('.') || port !== undefined ? 2 : 1
}
