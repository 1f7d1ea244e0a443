/** Whether the login in a URL is written so that it can only be read in one way. */

/** Used in messages. An example with a login in it would be masked like a real one. */
export const ENCODE_LOGIN =
  'percent-encode special characters of user and password: %40 for @, %2F for /, %23 for #, %3F for ?, %25 for %'

/**
 * False for a password with a bare `%`, and for one with a bare `/`, `?` or `#`, which ends the host for every reader of
 * URLs: `rtsp://me:12/34@camera/live` is the host `me`, port 12.
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

/** The login as it may have been meant: all between `://` and the last `@`. Empty for none. For hiding, not for use. */
export function looseLogin(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(url)?.[1] ?? ''
}

/** An `@` after the host's end that is followed by something more like a host than what stands in the host's place. */
function hasHostAfterPath(url: string): boolean {
  const [, authority = '', rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  const tail = rest.slice(rest.lastIndexOf('@') + 1)
  // Without a colon before it there is no password that the host's end could have cut.
  if (!rest.includes('@') || !authority.includes(':')) return false
  // Before an `@` the colon is that of the password; without one, `me:12` may be a host with its port or half a login.
  const host = authority.includes('@')
    ? authority.slice(authority.lastIndexOf('@') + 1)
    : authority.replace(/:\d+$/, '')
  const likeness = hostLikeness(host)
  return likeness < CERTAIN && hostLikeness(tail) >= Math.max(1, likeness)
}

const CERTAIN = 3

/** 3: an address, 2: a name with a dot or a port, 1: a word, 0: no host. */
function hostLikeness(text: string): number {
  const [, host = '', port] = /^(\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9._-]*)(:\d+)?(?:[/?#]|$)/i.exec(text) ?? []
  if (/^(\[.*\]|\d+\.\d+\.\d+\.\d+|localhost)$/i.test(host)) return CERTAIN
  if (host === '' || /^\d+$/.test(host)) return 0
  return host.includes('.') || port !== undefined ? 2 : 1
}
