/** The environment that bounds the memory of `run`, as the systemd unit sets it. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const UNIT = fileURLToPath(new URL('../../packaging/watchword.service', import.meta.url))

export function memoryEnvironment(): Readonly<Record<string, string>> {
  const lines = readFileSync(UNIT, 'utf8').matchAll(/^Environment=(MALLOC_[A-Z_]+|NODE_OPTIONS)=(.+)$/gm)
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
}
