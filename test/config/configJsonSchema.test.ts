import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configJsonSchema } from '../../src/config/configJsonSchema.ts'
import { configReference } from '../../src/config/configReference.ts'

test('config/watchword.schema.json is generated from the schema (else: npm run schema)', () => {
  const file = new URL('../../config/watchword.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(configJsonSchema())
})

test('every key of the config has a description', () => {
  const rows = configReference()
    .split('\n')
    .filter(line => line.startsWith('| `') && line.split('|').at(-2)?.trim() === '')
  expect(rows).toEqual([])
})

test('docs/config.md lists every key as the schema has it (else: npm run schema)', () => {
  const text = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')
  expect(text).toContain(configReference())
})
