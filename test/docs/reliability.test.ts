/** docs/reliability.md names tests that exist. */

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const FOLDERS = { I: 'test/integration/', U: 'test/' } as const
const docs = readFileSync('docs/reliability.md', 'utf8')
const named = [...docs.matchAll(/\b([IU])\/([\w./]+)(?: -t ('[^']+'|\w+))?`/g)].map(([, kind, path, words]) => ({
  path: `${FOLDERS[kind as keyof typeof FOLDERS]}${path}`,
  words: words?.replaceAll("'", '') ?? '',
}))

test('names many', () => {
  expect(named.length).toBeGreaterThan(20)
})

test.each(named)('$path $words', ({ path, words }) => {
  expect(existsSync(path)).toBe(true)
  if (words !== '') expect(readFileSync(path, 'utf8')).toContain(words)
})
