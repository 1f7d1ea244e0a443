/** docs/errors.md against the code: every code explained, none that nobody throws. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sourceFiles } from './sourceFiles.ts'

const docs = readFileSync('docs/errors.md', 'utf8')
const documented = [...docs.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code = '']) => code)

/** What zod calls an issue of ours; it is folded into `config-invalid`. */
const NOT_OURS = new Set(['custom', 'ENOENT'])

/** Codes written in the source: `code: 'a'`, `code: full ? 'a' : 'b'`, `fail('a', …)`, and a lost source's defaults. */
function thrown(): Set<string> {
  const codes = new Set<string>()
  for (const { text } of sourceFiles()) {
    for (const [, value = ''] of text.matchAll(/(?<![A-Za-z])code: ([^,}\n]*'[^,}\n]*)/g))
      for (const [, code = ''] of value.matchAll(/'([a-z0-9-]+)'/g)) codes.add(code)
    for (const [, code = ''] of text.matchAll(/\bfail\('([a-z]+-[a-z-]+)'/g)) codes.add(code)
  }
  const reasons = /type LossReason = (.*)/.exec(readFileSync('src/types.ts', 'utf8'))?.[1] ?? ''
  for (const [, reason] of reasons.matchAll(/'([a-z-]+)'/g)) codes.add(`camera-${reason}`)
  for (const code of NOT_OURS) codes.delete(code)
  return codes
}

test('every code has a row, and every row a code', () => {
  expect([...documented].sort()).toEqual([...thrown()].sort())
})

test('each row says what it means and what to do', () => {
  const rows = docs.split('\n').filter(line => line.startsWith('| `'))
  for (const row of rows)
    expect(
      row
        .split('|')
        .map(cell => cell.trim())
        .slice(1, -1)
        .every(Boolean),
      row,
    ).toBe(true)
})
