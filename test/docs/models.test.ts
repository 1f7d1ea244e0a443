/** docs/models.md lists the models of the registry with the registry's numbers. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readCatalog, relativeCost } from '../../src/models/readCatalog.ts'

const text = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8')

test('the table of models has every model of the registry, and says the same', async () => {
  const rows = Object.entries(await readCatalog()).map(([name, entry]) => {
    const cost = relativeCost(entry)
    const { license, languages, imagenet, isRecommended } = entry
    const terms = license.restriction === undefined ? license.name : `${license.name}: ${license.restriction}`
    const shown = `\`${name}\`${isRecommended ? ' (recommended)' : ''}`
    return [shown, `${imagenet.value.toFixed(1)} %`, cost === null ? '–' : `${cost.toFixed(1)}x`, languages, terms]
  })
  const listed = text
    .split('\n')
    .filter(line => /^\| `[\w-]+`( \(recommended\))? \| \d+ \|/.test(line))
    .map(line => line.split('|').map(cell => cell.trim()))
  expect(
    listed.map(([, name, , accuracy, cost, languages, terms]) => [name, accuracy, cost, languages, terms]),
  ).toEqual(rows)
})

test('the advice for machines names models of the registry', async () => {
  const known = new Set(Object.keys(await readCatalog()))
  const advice = text.split('\n').filter(line => /^\| (Raspberry Pi|N100|16-core|GPU)/.test(line))
  expect(advice).toHaveLength(4)
  const named = advice.flatMap(line => line.match(/`[a-z][\w-]*-[\w-]+`/g) ?? []).map(name => name.replaceAll('`', ''))
  expect(named.filter(name => !known.has(name))).toEqual([])
  expect(named.length).toBeGreaterThan(4)
})
