/** The public API: the example runs, and what is exported is what was decided. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as api from '../src/index.ts'
import { findLight } from './fixtures/api/example.ts'

it('runs the example: a film that gets bright and dark again has one event', async () => {
  const changes = await findLight([20, 20, 20, 220, 220, 220, 220, 20, 20, 20, 20], { emit: () => undefined })
  expect(changes.map(({ type, after }) => `${type} ${after.event} ${after.frameTime}`)).toEqual([
    'new light 4000',
    'end light 8000',
  ])
})

it('exports what the decision record lists, and nothing else', () => {
  const record = readFileSync('docs/decisions/0003-public-api.md', 'utf8')
  const listed = [...record.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(Object.keys(api).sort()).toEqual(listed.sort())
})
