/** Finds the secrets in a config, which must never be shown. */

import { looseLogin } from './hasReadableLogin.ts'

/** Passwords, and the userinfo and token-like values of every URL. Also works on an invalid config. */
export function secretsOf(config: unknown): string[] {
  return [...new Set(secretsIn(config, ''))].filter(text => text.length > 0)
}

function secretsIn(value: unknown, key: string): string[] {
  if (typeof value === 'string') return [...(key === 'password' ? [value] : []), ...secretsInUrl(value)]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, item]) => secretsIn(item, name))
}

/** Matches names of query parameters and environment variables whose values are secrets. */
export const TOKEN_KEY = /pass|pwd|token|key|secret|auth|sig/i

/** Some cameras expect the login in the path: `/user=me&password=x`, `/user=me_password=x_channel=1`. */
function tokensInPath(path: string): string[] {
  return path.split(/[&/]/).flatMap(part => {
    const name = part.search(TOKEN_KEY)
    const equals = name === -1 ? -1 : part.indexOf('=', name)
    return equals === -1 || equals === part.length - 1 ? [] : [part.slice(equals + 1)]
  })
}

function secretsInUrl(url: string): string[] {
  const loose = passwordOf(looseLogin(url))
  if (!URL.canParse(url)) return [loose]
  const { password, pathname, searchParams } = new URL(url)
  const tokens = [...searchParams].filter(([key]) => TOKEN_KEY.test(key)).map(([, value]) => value)
  const found = [password, loose, ...tokensInPath(pathname)]
  return [...found, ...found.map(decoded), ...tokens]
}

/** `user:password` → `password`. */
function passwordOf(login: string): string {
  return login.includes(':') ? login.slice(login.indexOf(':') + 1) : ''
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
