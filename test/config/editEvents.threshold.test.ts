import { describe, expect, test } from 'vitest'
import { editEvents } from '../../src/config/editEvents.ts'
import { diff, options, raise, read } from '../support/configEdits.ts'

describe('a threshold', () => {
  test('is replaced where it stands, and nothing else', () => {
    const text = `cameras:
  gate: { url: "demo:street" }
events:
  dog:
    threshold:  0.60   # was 0.5
    prompts: [a dog]
`
    expect(diff(text, editEvents(text, [raise('dog', 0.8)], options))).toEqual([
      '-     threshold:  0.60   # was 0.5',
      '+     threshold:  0.8   # was 0.5',
    ])
  })

  test('is added where there was none: in a block, in braces, for an event of the library', () => {
    const text = `cameras:
  gate: { url: "demo:street" }
events:
  dog:
    prompts:
      - a dog
  cat: { prompts: [a cat] }
  walker:
    use: person_walking
`
    const edited = editEvents(text, [raise('dog', 0.8), raise('cat', 0.7), raise('walker', 0.4)], options)
    expect(diff(text, edited)).toEqual([
      '-   cat: { prompts: [a cat] }',
      '+     threshold: 0.8',
      '+   cat: { prompts: [a cat], threshold: 0.7 }',
      '+     threshold: 0.4',
      // The library writes one for it.
      '+     release_threshold: 0',
    ])
  })

  test('moves a release threshold that is written, by the same distance', () => {
    const text = `cameras:
  gate: { url: "demo:street" }
events:
  dog: { prompts: [a dog], threshold: 0.6, release_threshold: 0.5 }
`
    expect(read(editEvents(text, [raise('dog', 0.85)], options)).events.dog).toMatchObject({
      threshold: 0.85,
      release_threshold: 0.75,
    })
    expect(read(editEvents(text, [raise('dog', 0.4)], options)).events.dog).toMatchObject({
      threshold: 0.4,
      release_threshold: 0.3,
    })
  })

  test('of the default events, in a config without `events`', () => {
    const text = 'cameras:\n  gate: { url: "demo:street" }\n'
    const { events } = read(editEvents(text, [raise('crowded_scene', 0.8), raise('person_walking', 0.7)], options))
    expect(Object.entries(events).map(([name, { threshold }]) => [name, threshold])).toEqual([
      ['person_walking', 0.7],
      ['vehicle_stopping', read(text).events.vehicle_stopping?.threshold],
      ['crowded_scene', 0.8],
    ])
  })

  test('that comes from a variable is not replaced', () => {
    const text = `cameras:
  gate: { url: "demo:street" }
events:
  dog: { prompts: [a dog], threshold: "\${LIMIT}" }
`
    expect(() => editEvents(text, [raise('dog', 0.8)], options)).toThrow(/comes from `\$\{LIMIT\}`/)
  })

  test('of an unknown event is refused', () => {
    const text = 'cameras:\n  gate: { url: "demo:street" }\nevents:\n  dog: { prompts: [a dog] }\n'
    expect(() => editEvents(text, [raise('cat', 0.8)], options)).toThrow(/no event `cat`/)
  })
})
