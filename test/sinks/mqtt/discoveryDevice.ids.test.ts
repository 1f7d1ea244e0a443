import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discoveryTopic, uniqueId, withRemovedComponents } from '../../../src/sinks/mqtt/discoveryDevice.ts'
import { discoveryOf, rules } from '../../support/discoveryRules.ts'

describe('ids', () => {
  it('differ if names differ, also if the joined names are equal', () => {
    const { camera } = discoveryOf()
    const one = Object.keys(camera('front', ['open', 'door_open', 'open__picture']).payload.components)
    const other = Object.keys(camera('front_door', ['open', 'door_open', 'open__picture']).payload.components)
    expect(new Set([...one, ...other]).size).toBe(one.length + other.length)
    const first = discoveryOf({ topicPrefix: 'watchword' }).camera('x_yard', []).topic
    expect(discoveryOf({ topicPrefix: 'watchword_x' }).camera('yard', []).topic).not.toBe(first)
  })

  const name = fc.oneof(
    fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,6}$/),
    fc.stringMatching(/^[a_-]{1,3}$/),
    fc.constantFrom('bridge', 'events', 'constructor', '__proto__', 'picture', 'a.b', 'Tür', 'a/b', ''),
  )
  const names = fc.record({ prefix: name, camera: fc.option(name), event: name, kind: name })
  /** The same words and joints, cut into names at other places: a_b + c and a + b_c. */
  const alike = fc
    .record({
      words: fc.array(fc.constantFrom('a', 'b', 'picture'), { minLength: 5, maxLength: 6 }),
      joint: fc.constantFrom('_', '-', '__', '--'),
      cuts: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    })
    .map(({ words, joint, cuts }) =>
      cuts.map(cut => ({
        prefix: words.slice(0, cut).join(joint),
        camera: words.slice(cut, 3).join(joint),
        event: words.slice(3, 3 + cut).join(joint),
        kind: words.slice(3 + cut).join(joint),
      })),
    )

  it.each([
    ['any names', fc.tuple(names, names)],
    ['names that are alike when they are joined', alike],
  ])('are injective for %s', (_, pairs) => {
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        if (one === undefined || other === undefined) return
        const id = ({ prefix, camera, event, kind }: typeof one) => uniqueId(prefix, camera, event, kind)
        const topic = ({ prefix, camera }: typeof one) => discoveryTopic('homeassistant', prefix, camera)
        const same = (keys: readonly (keyof typeof one)[]) => keys.every(key => one[key] === other[key])
        expect(id(one) === id(other)).toBe(same(['prefix', 'camera', 'event', 'kind']))
        expect(topic(one) === topic(other)).toBe(same(['prefix', 'camera']))
        expect(uniqueId(one.prefix, one.camera) === uniqueId(other.prefix, other.camera)).toBe(
          same(['prefix', 'camera']),
        )
        // A camera's own entity and one of its events.
        expect(uniqueId(one.prefix, one.camera, one.kind)).not.toBe(id(other))
        expect(topic(one).replace('homeassistant/', '')).toMatch(new RegExp(`^${rules.topic}$`))
      }),
      { numRuns: 2000, seed: 8 },
    )
  })
})

it('names removed components by their platform alone, once', () => {
  const { camera } = discoveryOf()
  const before = camera('front', ['person', 'car']).payload
  const after = withRemovedComponents(camera('front', ['person']).payload, before)
  expect(after.components['watchword.front.car.state']).toEqual({ platform: 'binary_sensor' })
  expect(after.components['watchword.front.car.event']).toEqual({ platform: 'event' })
  const again = withRemovedComponents(camera('front', ['person']).payload, after)
  expect(again.components).not.toHaveProperty('watchword.front.car.state')
})
