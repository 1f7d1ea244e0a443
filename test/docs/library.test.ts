import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readLibrary } from '../../src/config/promptLibrary.ts'

test('docs/events.md has every entry of the prompt library, with its rule, and no other', () => {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')
  const [, section = ''] = /## The prompt library\n(.*?)\n## /s.exec(page) ?? []
  const documented = [...section.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, name, rule]) => [name, rule])
  const entries = Object.entries(readLibrary()).map(([name, { rule = 'present' }]) => [name, rule])
  expect(documented.sort()).toEqual(entries.sort())
})
