import { describe, expect, test } from 'vitest'
import { lacksZone, watchedOf, watchStateOf } from '../../src/commands/watchStateOf.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'

const TEXTS = { variant: 'fake', logitScale: 100, calibration: { centre: 0, width: 1 }, events: [] }
const MASK = [
  [0.9, 0],
  [1, 0],
  [1, 0.1],
]
const GATE = [
  [0.1, 0.1],
  [0.4, 0.1],
  [0.4, 0.4],
]
const STREET = [
  [0.5, 0.5],
  [0.9, 0.5],
  [0.9, 0.9],
]
const VAN = { prompts: ['a van'] }

function configOf(cameras: Record<string, unknown>, events: Record<string, unknown>) {
  const named = Object.entries(cameras).map(([name, keys]) => [name, { url: 'demo:street', ...(keys as object) }])
  const text = JSON.stringify({ cameras: Object.fromEntries(named), events })
  return parseConfig(text, 'x.yaml', { library: readLibrary(), env: {} }).config
}
const stateOf = (...args: Parameters<typeof configOf>) => watchStateOf(configOf(...args), TEXTS)
const cameraOf = (keys: unknown, events: Record<string, unknown> = { van: VAN }) =>
  stateOf({ a: keys }, events).cameras[0]

describe('what is encoded', () => {
  test('zones and crops as configured', () => {
    expect(cameraOf({ zones: { gate: GATE, street: STREET }, masks: [MASK], crops: 3 })?.views).toEqual({
      crops: 3,
      zones: [
        { name: 'gate', polygon: GATE },
        { name: 'street', polygon: STREET },
      ],
      masks: [MASK],
      samples: true,
    })
  })

  test('a model that was fitted on images learns nothing from crops', () => {
    const fitted = { ...TEXTS, calibration: { ...TEXTS.calibration, images: 1e6 } }
    const { cameras } = watchStateOf(configOf({ a: {} }, { van: VAN }), fitted)
    expect(cameras[0]?.views?.samples).toBe(false)
  })

  test('by default two crops; with `detail: off` the whole image alone', () => {
    expect(cameraOf({})?.views).toEqual({ crops: 2, zones: [], masks: [], samples: true })
    expect(cameraOf({ detail: 'off' })?.views).toEqual({ crops: 0, zones: [], masks: [], samples: true })
  })
})

describe('an event that is tied to zones', () => {
  const events = { van: { ...VAN, zones: ['gate', 'street'], overlap: 0.6 }, dog: { prompts: ['a dog'] } }

  test('is watched only on cameras that have one of them, in those they have', () => {
    const config = configOf(
      { both: { zones: { gate: GATE, street: STREET } }, one: { zones: { gate: GATE } }, none: {} },
      events,
    )
    expect(watchedOf(config)).toEqual({ both: ['van', 'dog'], one: ['van', 'dog'], none: ['dog'] })
    expect(['both', 'one', 'none'].map(camera => lacksZone('van', camera, config))).toEqual([false, false, true])
    expect(lacksZone('dog', 'none', config)).toBe(false)
    const { cameras } = watchStateOf(config, TEXTS)
    expect(cameras.map(camera => camera.events)).toEqual([['van', 'dog'], ['van', 'dog'], ['dog']])
    expect(cameras.map(camera => camera.areas)).toEqual([
      { van: { zones: ['gate', 'street'], overlap: 0.6 } },
      { van: { zones: ['gate'], overlap: 0.6 } },
      {},
    ])
  })

  test('`event_zones` replaces its zones on one camera, also of an event without any', () => {
    const config = configOf(
      {
        a: { zones: { gate: GATE, yard: STREET }, event_zones: { van: ['yard'], dog: ['yard'] } },
        b: { zones: { street: STREET } },
      },
      events,
    )
    const [a, b] = watchStateOf(config, TEXTS).cameras
    expect(a?.areas).toEqual({ van: { zones: ['yard'], overlap: 0.6 }, dog: { zones: ['yard'], overlap: 0.3 } })
    expect(b?.areas).toEqual({ van: { zones: ['street'], overlap: 0.6 } })
  })

  test('is not watched where `events` leaves it out', () => {
    const config = configOf({ a: { zones: { gate: GATE, street: STREET }, events: ['dog'] } }, events)
    expect(watchedOf(config)).toEqual({ a: ['dog'] })
    expect(watchStateOf(config, TEXTS).cameras[0]?.areas).toEqual({})
  })

  test('is named as it likes', () => {
    const odd = { constructor: { ...VAN, zones: ['toString'] }, valueOf: VAN }
    const config = configOf({ a: { zones: { toString: GATE } }, b: {} }, odd)
    expect(watchedOf(config)).toEqual({ a: ['constructor', 'valueOf'], b: ['valueOf'] })
  })
})

describe('the revision', () => {
  const base = { zones: { gate: GATE }, masks: [STREET] }
  const revision = (keys: unknown) => cameraOf(keys)?.revision

  test.each([
    ['zones', { ...base, zones: { gate: STREET.map(([x, y = 0]) => [x, y - 0.1]) } }],
    ['the name of a zone', { ...base, zones: { door: GATE } }],
    ['masks', { ...base, masks: [] }],
    ['detail', { ...base, detail: 720 }],
    ['crops', { ...base, crops: 1 }],
  ])('changes with %s, so that the camera is reopened', (_, keys) => {
    expect(revision(keys)).not.toBe(revision(base))
  })

  test.each([
    ['event_zones', { ...base, event_zones: { van: ['gate'] } }],
    ['events', { ...base, events: [] }],
    ['a default that is written', { ...base, crops: 2, detail: 'auto' }],
  ])('stays with %s', (_, keys) => {
    expect(revision(keys)).toBe(revision(base))
  })
})
