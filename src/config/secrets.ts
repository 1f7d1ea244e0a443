/** Finds the texts in a config that must never be shown. */

import type { Config } from './schema.ts'

/** Passwords, userinfo and token-like query values of every URL, and the broker's password. */
export function secretsOf(config: Config): string[] {
  const urls = [config.mqtt?.url, ...Object.values(config.cameras).map(camera => camera.url)]
  const texts = [config.mqtt?.password, ...urls.flatMap(url => (url === undefined ? [] : secretsInUrl(url)))]
  return [...new Set(texts.filter(text => text !== undefined && text.length > 0))] as string[]
}

/** In names of query values and of environment variables: what it names is a secret. */
export const TOKEN_KEY = /pass|pwd|token|key|secret|auth|sig/i

/** Some cameras take the login in the path: `/user=me&password=x`, `/user=me_password=x_channel=1`. */
const TOKEN_IN_PATH = /(?:pass|pwd|token|key|secret|auth|sig)[^=&/]*=([^&/]+)/gi

function secretsInUrl(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { password, pathname, searchParams } = new URL(url)
  const tokens = [...searchParams].filter(([key]) => TOKEN_KEY.test(key)).map(([, value]) => value)
  const inPath = [...pathname.matchAll(TOKEN_IN_PATH)].map(([, value = '']) => value)
  return [password, ...inPath, ...[password, ...inPath].map(decoded), ...tokens]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
