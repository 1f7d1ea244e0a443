/** The examples of docs/zones.md are read by the program, and its limits are the schema's. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configJsonSchema } from '../../src/config/configJsonSchema.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { loadZones } from '../../src/config/loadZones.ts'
import { MOST_CORNERS } from '../../src/config/polygonSchema.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { LEAST_DETAIL, MOST_CROPS, MOST_DETAIL, MOST_MASKS, MOST_ZONES } from '../../src/config/viewKeys.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const page = readFileSync('docs/zones.md', 'utf8')
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '')
const parse = (text: string) => parseConfig(text, 'zones.md', { library: readLibrary(), env: {} }).config

test('the config with zones, masks and tied events is valid', () => {
  const { cameras, events } = parse(examples[0] ?? '')
  expect(Object.keys(cameras.corner?.zones ?? {})).toEqual(['zebra', 'lane'])
  expect(cameras.corner?.masks).toHaveLength(1)
  expect(events.person_walking?.zones).toEqual(['zebra'])
})

test('the parts are valid together: an event in zones that one camera has, and a camera with zones of its own', () => {
  const [, event = '', camera = ''] = examples
  const front =
    '  front: { url: demo:street, zones: { gate: [[0, 0], [1, 0], [1, 1]], drive: [[0, 0], [1, 0], [1, 1]] } }\n'
  const { events } = parse(`${camera}${front}${event}  person_walking: { use: person_walking }\n`)
  expect(events.van).toMatchObject({ zones: ['gate', 'drive'], overlap: 0.5 })
})

test('the file for `detect --zones` is valid', () => {
  const path = join(temporaryFolder(), 'gate.yaml')
  writeFileSync(path, examples[3] ?? '')
  expect(loadZones(path, ['delivery_van'])).toMatchObject({ masks: [{}], event_zones: { delivery_van: ['gate'] } })
  expect(examples).toHaveLength(4)
})

test('the limits are those of the schema', () => {
  expect(page).toContain(
    `Three to ${MOST_CORNERS} corners for each polygon, at most ${MOST_ZONES} zones and ${MOST_MASKS} masks`,
  )
  expect(page).toContain(`| ${LEAST_DETAIL} to ${MOST_DETAIL} |`)
  expect(page).toContain(`at most ${MOST_CROPS})`)
  expect(JSON.stringify(configJsonSchema())).toContain('docs/zones.md')
})
