import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { problemLines } from '../../../src/util/yaml/problemLines.ts'
import { readYaml } from '../../../src/util/yaml/readYaml.ts'

const schema = z.record(z.string(), z.unknown())

function mistakes(text: string): string[] {
  const read = readYaml(text, { schema })
  if (read.data !== null) throw new Error('Expected the text to be refused')
  return problemLines('x.yaml', read.problems)
}

/** `levels` maps, each with ten times the one before. */
const bomb = (levels: number, use: (name: string) => string) =>
  Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} ${i === 0 ? '{x: 1}' : use(`a${i}`)}`).join('\n')
const ten = (name: string) => Array.from({ length: 10 }, () => `*${name}`).join(', ')

describe('aliases', () => {
  test('a thousand uses of one anchor are fine', () => {
    const uses = Array.from({ length: 1000 }, (_, i) => `c${i}: {<<: *d, n: ${i}}`)
    const { data } = readYaml(`d: &d {fps: 2}\n${uses.join('\n')}\n`, { schema })
    expect(data?.c999).toEqual({ fps: 2, n: 999 })
  })

  test.each([
    ['lists', bomb(12, name => `[${ten(name)}]`)],
    ['merge keys', bomb(12, name => `{<<: [${ten(name)}], y: 1}`)],
  ])('%s that write out to millions of values are refused at once', (_name, text) => {
    expect(mistakes(text)).toEqual([expect.stringMatching(/^x\.yaml:\d+:\d+: Aliases .* far too many values$/)])
  })

  test('an alias of its own parent', () => {
    expect(mistakes('a: &a\n  b: [*a]\n')).toEqual([
      'x.yaml:2:7: An alias (`*name`) stands inside the value that it names',
    ])
  })
})

test('far too deep nesting is one line', () => {
  expect(mistakes(`a: ${'['.repeat(50_000)}`)).toEqual(['x.yaml: Lists or maps are nested far too deeply'])
})

test('thousands of mistakes are fifty lines, and how many more there are', () => {
  const strict = z.strictObject({ known: z.string().optional() })
  const text = Array.from({ length: 3000 }, (_, i) => `key${i}: 1`).join('\n')
  const read = readYaml(text, { schema: strict })
  const lines = read.data === null ? problemLines('x.yaml', read.problems) : []
  expect(lines).toHaveLength(51)
  expect(lines.at(-1)).toBe('x.yaml: 2950 more mistakes are not listed')
})
