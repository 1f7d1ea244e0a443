/** Finds the texts in a config that must never be shown. */

import { looseLogin } from './login.ts'

/** Passwords, userinfo and token-like values of every URL; also of a config that is refused. */
export function secretsOf(config: unknown): string[] {
  return [...new Set(secretsIn(config, ''))].filter(text => text.length > 0)
}

function secretsIn(value: unknown, key: string): string[] {
  if (typeof value === 'string') return [...(key === 'password' ? [value] : []), ...secretsInUrl(value)]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, item]) => secretsIn(item, name))
}

/** In names of query values and of environment variables: what it names is a secret. */
export const TOKEN_KEY = /pass|pwd|token|key|secret|auth|sig/i

/** Some cameras take the login in the path: `/user=me&password=x`, `/user=me_password=x_channel=1`. */
const TOKEN_IN_PATH = /(?:pass|pwd|token|key|secret|auth|sig)[^=&/]{0,40}=([^&/]+)/gi

function secretsInUrl(url: string): string[] {
  const loose = passwordOf(looseLogin(url))
  if (!URL.canParse(url)) return [loose]
  const { password, pathname, searchParams } = new URL(url)
  const tokens = [...searchParams].filter(([key]) => TOKEN_KEY.test(key)).map(([, value]) => value)
  const inPath = [...pathname.matchAll(TOKEN_IN_PATH)].map(([, value = '']) => value)
  const found = [password, loose, ...inPath]
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
