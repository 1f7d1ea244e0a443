import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configJsonSchema } from '../../src/config/jsonSchema.ts'
import { configReference } from '../../src/config/reference.ts'

test('config/watchword.schema.json is what the schema says (else: npm run schema)', () => {
  const file = new URL('../../config/watchword.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(configJsonSchema())
})

test('every key of the config says what it is or speaks for itself in a section that does', () => {
  const text = JSON.stringify(configJsonSchema())
  for (const key of ['fps', 'threshold', 'decode', 'variant', 'shadow', 'outbox']) expect(text).toContain(`"${key}":{`)
})

test('docs/config.md lists every key as the schema has it (else: npm run schema)', () => {
  const text = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')
  expect(text).toContain(configReference())
})
