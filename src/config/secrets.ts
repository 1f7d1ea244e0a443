/** Finds the texts in a config that must never be shown. */

import type { Config } from './schema.ts'

/** Passwords, userinfo and token-like query values of every URL, and the broker's password. */
export function secretsOf(config: Config): string[] {
  const urls = [config.mqtt?.url, ...Object.values(config.cameras).map(camera => camera.url)]
  const texts = [config.mqtt?.password, ...urls.flatMap(url => (url === undefined ? [] : secretsInUrl(url)))]
  return [...new Set(texts.filter(text => text !== undefined && text.length > 0))] as string[]
}

const TOKEN_KEY = /pass|pwd|token|key|secret|auth|sig/i

function secretsInUrl(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { password, searchParams } = new URL(url)
  const tokens = [...searchParams].filter(([key]) => TOKEN_KEY.test(key)).map(([, value]) => value)
  return [password, decodeURIComponent(password), ...tokens]
}
