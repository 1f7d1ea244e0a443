import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { unescapeHtml } from '../../src/clip/unescapeHtml.ts'

interface Vectors {
  readonly cases: readonly (readonly [escaped: string, plain: string])[]
}

const fixture = new URL('../fixtures/clip/html-unescape.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as Vectors

test.each(cases)('%j is unescaped as in Python', (escaped, plain) => {
  expect(unescapeHtml(escaped)).toBe(plain)
})
