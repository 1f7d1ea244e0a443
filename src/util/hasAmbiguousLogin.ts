/**
 * Whether a URL may be one whose password has a bare `/`, `?`, `#` or `\`: an `@` follows the place where its host ends.
 * `mqtt://me:p@ss/word@host` is the host `ss` for every reader of URLs, and a name looked up in DNS would be half a password.
 */
export function hasAmbiguousLogin(url: string): boolean {
  const [, rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(url) ?? []
  const end = rest.search(/[/?#\\]/)
  return end !== -1 && rest.includes('@', end)
}
