/** Zones, masks, detail and crops of a camera, and the zones of events, as the config checks them. */

import { describe, expect, test } from 'vitest'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { linesOf, parseHome } from '../support/parseHome.ts'

const library = readLibrary()
const camera = (keys: string) =>
  parseHome(`cameras: { drive: { url: demo:street${keys && `, ${keys}`} } }`).config.cameras.drive

const linesOfCamera = (keys: string) => linesOf(`cameras:\n  drive: { url: demo:street, ${keys} }\n`)

const GATE = '[[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]'
const ALL = '[[0, 0], [1, 0], [1, 1], [0, 1]]'

describe('a good camera', () => {
  test('without any of the keys: no zones and masks, two crops', () => {
    expect(camera('')).toMatchObject({ zones: {}, masks: [], detail: 'auto', crops: 2, event_zones: {} })
  })

  test('with all of them', () => {
    const keys = `zones: { gate: ${GATE}, constructor: ${GATE} }, masks: [${GATE.replaceAll('0.1', '0.2')}], detail: 720, crops: 4`
    const found = camera(keys)
    expect(found).toMatchObject({
      detail: 720,
      crops: 4,
      masks: [
        [
          [0.2, 0.2],
          [0.4, 0.2],
          [0.4, 0.4],
        ],
      ],
    })
    expect(Object.keys(found?.zones ?? {})).toEqual(['gate', 'constructor'])
    expect(found?.zones.toString).toBeUndefined()
  })

  test.each(['detail: off', 'detail: off, crops: 0'])('%s: no crops, without complaint', keys => {
    expect(camera(keys)).toMatchObject({ detail: 'off', crops: 0 })
  })

  test('references work in these keys as in others', () => {
    const text = `cameras: { a: { url: demo:street, detail: "\${DETAIL}", zones: { gate: [["\${LEFT}", 0], [1, 0], [1, 1]] } } }`
    const { cameras } = parseHome(text, { DETAIL: '480', LEFT: '0.5' }).config
    expect(cameras.a).toMatchObject({
      detail: 480,
      zones: {
        gate: [
          [0.5, 0],
          [1, 0],
          [1, 1],
        ],
      },
    })
  })
})

describe('a bad camera: one line, with its place', () => {
  test.each([
    [
      `zones: { gate: [[64, 12], [640, 12], [640, 360]] }`,
      '2:47 cameras.drive.zones.gate.0.0: Expected fractions of the image, such as 0.5, got 64: divide by the width',
    ],
    [`zones: { gate: [[0, 0], [1, 1]] }`, '2:39 cameras.drive.zones.gate: Expected at least 3 corners, got 2'],
    [`masks: [${GATE}, 5]`, '2:76 cameras.drive.masks.1: Expected a list of corners [x, y], got 5'],
    [`masks: { gate: ${GATE} }`, '2:30 cameras.drive.masks: Expected `masks` to be a list, got a map'],
    [`zones: [${GATE}]`, '2:30 cameras.drive.zones: Expected `zones` to be a map of names, got a list'],
    [
      `zones: { "the gate": ${GATE} }`,
      '2:39 cameras.drive.zones.the gate: Expected letters, digits, "_" and "-" only, beginning with a letter or digit',
    ],
    [
      `zones: { ${Array.from({ length: 17 }, (_, i) => `z${i}: ${GATE}`).join(', ')} }`,
      '2:30 cameras.drive.zones: Expected at most 16 zones, got 17',
    ],
    [
      `masks: [${Array.from({ length: 33 }, () => GATE).join(', ')}]`,
      '2:30 cameras.drive.masks: Expected at most 32 masks, got 33',
    ],
    ...['480.5', '"high"', '[]', 'null', 'false'].map(value => [
      `detail: ${value}`,
      `2:30 cameras.drive.detail: Expected \`detail\` to be auto, off or a height from 64 to 2160 pixels, got ${{ '[]': 'a list', null: 'nothing' }[value] ?? value}`,
    ]),
    ['detail: 63', '2:30 cameras.drive.detail: Expected `detail` to be at least 64, got 63'],
    ['detail: 2161', '2:30 cameras.drive.detail: Expected `detail` to be at most 2160, got 2161'],
    [`crops: 5`, '2:30 cameras.drive.crops: Expected `crops` to be at most 4, got 5'],
    [`crops: -1`, '2:30 cameras.drive.crops: Expected `crops` to be at least 0, got -1'],
    [`crops: 1.5`, '2:30 cameras.drive.crops: Expected `crops` to be a whole number, got 1.5'],
    [
      `crops: 1, detail: off`,
      '2:30 cameras.drive.crops: Crops are cut out of the detail image: remove `detail: off`, or set `crops: 0`',
    ],
    [
      `detail: off, zones: { gate: ${GATE} }`,
      '2:43 cameras.drive.zones: Zones need the detail image: remove `detail: off`, or remove `zones`',
    ],
    [
      `masks: [${ALL}]`,
      '2:30 cameras.drive.masks: The mask covers the whole image, so nothing can be seen: make it smaller',
    ],
    [
      `masks: [[[0, 0], [0.6, 0], [0.6, 1], [0, 1]], [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]]`,
      '2:30 cameras.drive.masks: The 2 masks cover the whole image, so nothing can be seen: make them smaller',
    ],
    [
      `zones: { gate: ${GATE} }, masks: [[[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]]`,
      '2:39 cameras.drive.zones.gate: Zone `gate` lies under the masks, so nothing can be seen in it: move the zone or the mask',
    ],
  ])('%s', (keys, expected) => {
    expect(linesOfCamera(keys)).toEqual([`home.yaml:${expected}`])
  })

  test('masks that leave a stripe are allowed', () => {
    expect(camera('masks: [[[0, 0], [0.98, 0], [0.98, 1], [0, 1]]]')?.masks).toHaveLength(1)
  })

  test('several mistakes are reported together', () => {
    expect(linesOfCamera(`zones: { a: 1, b: [] }, masks: [2], crops: 9`)).toHaveLength(4)
  })
})

const events = (
  text: string,
  cameras = `drive: { url: demo:street, zones: { gate: ${GATE} } }\n  door: { url: demo:plaza }`,
) => `cameras:\n  ${cameras}\nevents:\n  van: { prompts: [a van], ${text} }\n`

describe('the zones of events', () => {
  test('an event names a zone of at least one camera', () => {
    expect(parseHome(events('zones: [gate]')).config.events.van).toMatchObject({ zones: ['gate'], overlap: 0.3 })
  })

  test.each([
    ['zones: [gaet]', '5:36 events.van.zones.0: No camera has a zone `gaet`; did you mean `gate`?'],
    ['zones: []', '5:28 events.van.zones: Expected at least one zone'],
    ['zones: gate', '5:28 events.van.zones: Expected `zones` to be a list, got "gate"'],
    ['zones: [gate], overlap: 0', '5:43 events.van.overlap: Expected `overlap` to be above 0, got 0'],
    ['zones: [gate], overlap: 30', '5:43 events.van.overlap: Expected `overlap` to be at most 1, got 30'],
  ])('%s', (keys, expected) => {
    expect(linesOf(events(keys))).toEqual([`home.yaml:${expected}`])
  })

  test('no camera has zones', () => {
    expect(linesOf(events('zones: [gate]', 'door: { url: demo:plaza }'))).toEqual([
      'home.yaml:4:36 events.van.zones.0: No camera has a zone `gate`; there are no zones',
    ])
  })

  test.each([
    [`event_zones: { vna: [gate] }`, 'cameras.drive.event_zones.vna: There is no event `vna`; did you mean `van`?'],
    [
      `event_zones: { van: [gaet] }`,
      'cameras.drive.event_zones.van.0: Camera `drive` has no zone `gaet`; did you mean `gate`?',
    ],
    [`event_zones: { van: [] }`, 'cameras.drive.event_zones.van: Expected at least one zone'],
    [
      `events: [], event_zones: { van: [gate] }`,
      'cameras.drive.event_zones.van: Event `van` is not among the `events` of `drive`: add it there, or remove it here',
    ],
  ])('%s', (keys, expected) => {
    const lines = linesOf(events('', `drive: { url: demo:street, zones: { gate: ${GATE} }, ${keys} }`))
    expect(lines).toEqual([expect.stringMatching(/^home\.yaml:2:\d+ /)])
    expect(lines[0]?.replace(/^\S+ /, '')).toBe(expected)
  })

  test('an event that a camera lists and has no zone for', () => {
    const cameras = `drive: { url: demo:street, zones: { gate: ${GATE} } }\n  door: { url: demo:plaza, events: [van] }`
    expect(linesOf(events('zones: [gate]', cameras))).toEqual([
      'home.yaml:3:37 cameras.door.events.0: Event `van` is tied to zones of which `door` has none (`gate`): add a zone or an entry in `event_zones`, or remove the event here',
    ])
  })
})

test('no entry of the prompt library has zones: they belong to cameras', () => {
  expect(Object.values(library).filter(entry => 'zones' in entry || 'overlap' in entry)).toEqual([])
})
