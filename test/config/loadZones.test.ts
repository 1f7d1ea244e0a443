import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadZones } from '../../src/config/loadZones.ts'
import { WatchwordError } from '../../src/util/errors.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const GATE = '[[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]'

function fileOf(text: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'zones.yaml')
  writeFileSync(path, text)
  return path
}

function refusalOf(path: string, events = ['van', 'dog']): WatchwordError {
  try {
    loadZones(path, events)
  } catch (error) {
    if (error instanceof WatchwordError) return error
    throw error
  }
  throw new Error('Expected the file to be refused')
}

describe('a file of zones', () => {
  test('as YAML', () => {
    const path = fileOf(
      `zones: { gate: ${GATE} }\nmasks: [${GATE}]\nevent_zones: { van: [gate] }\n`.replace(
        'masks: [[[0.1',
        'masks: [[[0.3',
      ),
    )
    expect(loadZones(path, ['van'])).toEqual({
      zones: {
        gate: [
          [0.1, 0.1],
          [0.4, 0.1],
          [0.4, 0.4],
        ],
      },
      masks: [
        [
          [0.3, 0.1],
          [0.4, 0.1],
          [0.4, 0.4],
        ],
      ],
      event_zones: { van: ['gate'] },
    })
  })

  test('as JSON, with a part of the keys', () => {
    expect(loadZones(fileOf(`{"masks": [${GATE}]}`), [])).toMatchObject({
      zones: {},
      masks: [{ length: 3 }],
      event_zones: {},
    })
  })
})

test.each([
  [
    `zones: { gate: [[1, 2], [640, 12], [640, 360]] }`,
    '1:21 zones.gate.0.1: Expected fractions of the image, such as 0.5, got 2: divide by the height',
  ],
  [`zone: { gate: ${GATE} }`, '1:1 zone: Unknown key `zone`; did you mean `zones`?'],
  [`url: rtsp://h/1`, '1:1 url: Unknown key `url`; known keys: zones, masks, event_zones'],
  [`crops: 2`, '1:1 crops: Unknown key `crops`; known keys: zones, masks, event_zones'],
  [
    `zones: { gate: ${GATE} }\nevent_zones: { van: [gaet] }`,
    '2:22 event_zones.van.0: There is no zone `gaet`; did you mean `gate`?',
  ],
  [
    `zones: { gate: ${GATE} }\nevent_zones: { vna: [gate] }`,
    '2:16 event_zones.vna: Event `vna` is not among those to detect; did you mean `van`?',
  ],
  [
    `masks: [[[0, 0], [1, 0], [1, 1], [0, 1]]]`,
    '1:1 masks: The mask covers the whole image, so nothing can be seen: make it smaller',
  ],
])('%s', (text, expected) => {
  const path = fileOf(text)
  const { message, code } = refusalOf(path)
  expect(message).toBe(`${path}:${expected}`)
  expect(code).toBe('config-invalid')
})

test('several mistakes are reported together', () => {
  expect(refusalOf(fileOf(`zones: { a: 1, b: 2 }\nmask: 3\n`)).message.split('\n')).toHaveLength(3)
})

test.each([
  [
    'a file that does not exist',
    () => '/nope/zones.yaml',
    'Cannot read the zones /nope/zones.yaml: the file does not exist',
  ],
  ['a binary file', () => fileOf(Uint8Array.of(0, 1, 2)), /^Cannot read the zones .*: it is not a text file$/],
  ['a folder', () => temporaryFolder(), /^Cannot read the zones .*: it is a folder$/],
  ['an empty file', () => fileOf(''), /: Expected the file to be a map, got nothing$/],
  ['a list', () => fileOf('[]'), /: Expected the file to be a map, got a list$/],
])('%s', (_, path, expected) => {
  const { message } = refusalOf(path())
  expect(message).toMatch(expected)
})
