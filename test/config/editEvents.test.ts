import { describe, expect, test } from 'vitest'
import { type EventEdit, editEvents } from '../../src/config/editEvents.ts'
import { diff, keepsLines, options, raise, read, VAN } from '../support/configEdits.ts'

describe('a new event', () => {
  test('adds its lines after the last event, with the indentation of the file, and changes no other line', () => {
    const text = `# my house
cameras:
    gate: { url: "demo:street",   fps: 2 }   # the gate

events:
    # the dog
    dog:
        prompts: [ 'a dog' ]   # brown
        min_on:   2s

mqtt:
    url: mqtt://localhost   # here
`
    const edited = editEvents(text, [VAN], options)
    expect(keepsLines(text, edited)).toBe(true)
    expect(diff(text, edited)).toEqual([
      '+     van:',
      '+         prompts:',
      '+             - a van at the gate',
      '+         threshold: 0.71',
    ])
    expect(edited.indexOf('van:')).toBeLessThan(edited.indexOf('mqtt:'))
    expect(read(edited).events.van).toMatchObject({ prompts: ['a van at the gate'], threshold: 0.71 })
  })

  test('without `events`, those that were watched by default are named and stay', () => {
    const text = 'cameras:\n  gate: { url: "demo:street" }\n'
    const edited = editEvents(text, [VAN], options)
    expect(edited.startsWith(text)).toBe(true)
    expect(Object.keys(read(edited).events)).toEqual(['person_walking', 'vehicle_stopping', 'crowded_scene', 'van'])
    expect(read(edited).events.person_walking).toEqual({ ...read(text).events.person_walking, use: 'person_walking' })
  })

  test.each([
    ['events:', 'events:'],
    ['events: # none yet', 'events: # none yet'],
    ['events: ~', 'events: { person_walking: { use: person_walking }, '],
    ['events: {}', 'events: { van: { prompts: [ a van at the gate ], threshold: 0.71 } }'],
  ])('with empty `%s`', (line, expected) => {
    const text = `${line}\ncameras: { gate: { url: "demo:street" } }\n`
    const edited = editEvents(text, [VAN], options)
    expect(edited).toContain(expected)
    expect(read(edited).events).toHaveProperty('van')
    expect(edited.endsWith('cameras: { gate: { url: "demo:street" } }\n')).toBe(true)
  })

  test('joins the list of its camera, in the style of that list; lists of other cameras stay', () => {
    const text = `cameras:
  gate:
    url: "demo:street"
    events: [dog]   # all
  yard:
    url: "demo:plaza"
    events:
      - dog
events:
  dog: { prompts: [a dog] }
`
    expect(diff(text, editEvents(text, [VAN], options))).toContain('+     events: [dog, van]   # all')
    const yard = editEvents(text, [{ ...VAN, cameras: ['yard'] }], options)
    expect(diff(text, yard)).toEqual(expect.arrayContaining(['+       - van', '+   van:']))
    expect(read(yard).cameras.gate?.events).toEqual(['dog'])
    expect(read(yard).cameras.yard?.events).toEqual(['dog', 'van'])
  })

  test('a camera without a list gets one when it shall not watch the event', () => {
    const text = `cameras:
  gate: { url: "demo:street" }
  yard: { url: "demo:plaza" } # behind
events:
  dog: { prompts: [a dog] }
`
    const edited = editEvents(text, [VAN], options)
    expect(edited).toContain('  yard: { url: "demo:plaza", events: [dog] } # behind\n')
    expect(edited).toContain('  gate: { url: "demo:street" }\n')
  })

  test('is tied to a zone', () => {
    const text = `cameras:
  gate:
    url: "demo:street"
    zones: { drive: [[0, 0], [1, 0], [1, 1]] }
    event_zones:
      dog: [drive]
events:
  dog: { prompts: [a dog] }
`
    const edited = editEvents(text, [{ ...VAN, zone: 'drive' }], options)
    expect(read(edited).cameras.gate?.event_zones).toEqual({ dog: ['drive'], van: ['drive'] })
    const without = text.replace('    event_zones:\n      dog: [drive]\n', '')
    expect(editEvents(without, [{ ...VAN, zone: 'drive' }], options)).toContain('    event_zones: { van: [ drive ] }\n')
  })

  test('in a file with Windows line ends, every line end stays one', () => {
    const text = 'cameras:\r\n  gate: { url: "demo:street" }\r\nevents:\r\n  dog: { prompts: [a dog] } # brown\r\n\r\n'
    const edited = editEvents(text, [VAN], options)
    expect(edited.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(keepsLines(text, edited)).toBe(true)
  })

  test('in a file without a last line end', () => {
    const text = 'cameras:\n  gate: { url: "demo:street" }\nevents:\n  dog: { prompts: [a dog] }'
    expect(editEvents(text, [VAN], options)).toBe(
      `${text}\n  van:\n    prompts:\n      - a van at the gate\n    threshold: 0.71`,
    )
  })

  test('in JSON, which stays JSON', () => {
    const text =
      '{\n  "cameras": { "gate": { "url": "demo:street", "events": ["dog"] } },\n  "events": { "dog": { "prompts": ["a dog"] } }\n}\n'
    const edited = editEvents(text, [VAN], options)
    expect(JSON.parse(edited).events.van).toEqual({ prompts: ['a van at the gate'], threshold: 0.71 })
    expect(JSON.parse(edited).cameras.gate.events).toEqual(['dog', 'van'])
  })

  test('after a block scalar, an alias, a comment at the end, in a file with a byte order mark', () => {
    for (const last of ['prompts: [a dog]\n    name: |\n      Dog\n\n', '<<: *dog\n    min_on: 2s # two\n  # more\n']) {
      const text = `\uFEFFx-dog: &dog { prompts: [a dog] }\ncameras:\n  gate: { url: "demo:street" }\nevents:\n  dog:\n    ${last}`
      const edited = editEvents(text, [VAN], options)
      expect(read(edited).events).toHaveProperty('van')
      expect(keepsLines(text, edited)).toBe(true)
    }
  })

  test('phrases that YAML would read as something else are quoted', () => {
    const text = 'cameras:\n  gate: { url: "demo:street" }\nevents:\n  dog: { prompts: [a dog] }\n'
    for (const phrase of ['a: b', '# red', 'yes', '{ x }', "it's", '"quoted" [ x ]', '* star', 'no']) {
      const edited = editEvents(text, [{ ...VAN, settings: { prompts: [phrase] } }], options)
      expect(read(edited).events.van?.prompts).toEqual([phrase])
    }
  })

  test('is refused under the name of another', () => {
    const text = 'cameras:\n  gate: { url: "demo:street" }\nevents:\n  van: { prompts: [a van] }\n'
    expect(() => editEvents(text, [VAN], options)).toThrow(/already/)
  })

  test('is refused where the result would be wrong', () => {
    const text = 'cameras:\n  gate: { url: "demo:street" }\nevents:\n  dog: { prompts: [a dog] }\n'
    const wrong: EventEdit = { ...VAN, settings: { prompts: [], threshold: 3 } }
    expect(() => editEvents(text, [wrong], options)).toThrow(/home.yaml.*the result would be wrong/)
  })
})

describe('shared settings', () => {
  const text = `x-camera: &camera
  url: "demo:street"
  events: [dog]
x-list: &list [dog]
cameras:
  gate:
    <<: *camera
  yard:
    <<: *camera
    events: *list
  porch: *camera
events:
  dog: { prompts: [a dog] }
`
  test('a camera that inherits its list, or names it by an alias, gets one of its own', () => {
    const edited = editEvents(text, [{ ...VAN, cameras: ['gate', 'yard'] }], options)
    const { cameras } = read(edited)
    expect(cameras.gate?.events).toEqual(['dog', 'van'])
    expect(cameras.yard?.events).toEqual(['dog', 'van'])
    expect(cameras.porch?.events).toEqual(['dog'])
    expect(edited).toContain('x-list: &list [dog]\n')
  })

  test('a camera that is an alias becomes a map that takes the rest from there', () => {
    const edited = editEvents(text, [{ ...VAN, cameras: ['porch'] }], options)
    expect(edited).toContain('  porch: { <<: *camera, events: [ dog, van ] }\n')
    expect(read(edited).cameras.gate?.events).toEqual(['dog'])
  })

  test('a value with an anchor that others use is not changed', () => {
    const shared = `cameras:
  gate: { url: "demo:street" }
events:
  dog: { prompts: [a dog], threshold: &limit 0.6 }
  cat: { prompts: [a cat], threshold: *limit }
`
    expect(() => editEvents(shared, [raise('dog', 0.8)], options)).toThrow(/anchor/)
    expect(read(editEvents(shared, [raise('cat', 0.8)], options)).events).toMatchObject({
      dog: { threshold: 0.6 },
      cat: { threshold: 0.8 },
    })
  })
})
