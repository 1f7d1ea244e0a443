/** docs/errors.md against the table of error codes, and the table against the code that throws them. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorReference } from '../../scripts/errorReference.ts'
import { ERROR_SECTIONS } from '../../src/util/errorCodes.ts'
import { sourceFiles } from '../support/sourceFiles.ts'

const codes = ERROR_SECTIONS.flatMap(section => Object.keys(section.codes))

test('the page is what `npm run schema` writes', () => {
  expect(readFileSync('docs/errors.md', 'utf8').split('<!-- codes -->\n')[1]).toBe(errorReference())
})

test('a code is in one section, in kebab-case, with a meaning and a remedy', () => {
  expect(new Set(codes).size).toBe(codes.length)
  for (const section of ERROR_SECTIONS)
    for (const [code, { meaning, remedy }] of Object.entries(section.codes)) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      for (const text of [meaning, remedy]) expect(text, code).toMatch(/^[^|\n]{3,}$/)
    }
})

test('every code is used', () => {
  const source = sourceFiles()
    .filter(({ path }) => !path.includes('util/errorCodes'))
    .map(({ text }) => text)
    .join('\n')
  const reasons = /type LossReason = (.*)/.exec(source)?.[1] ?? ''
  const isUsed = (code: string) =>
    source.includes(`'${code}'`) || (code.startsWith('camera-') && reasons.includes(`'${code.slice(7)}'`))
  expect(codes.filter(code => !isUsed(code))).toEqual([])
})
