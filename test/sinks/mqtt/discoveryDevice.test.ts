/** Every discovery payload against what Home Assistant itself accepts: test/fixtures/homeAssistant/schema.json. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import { bridgeDevice } from '../../../src/sinks/mqtt/bridgeDevice.ts'
import { cameraDevice } from '../../../src/sinks/mqtt/cameraDevice.ts'
import {
  type Component,
  type Details,
  type DiscoveryDevice,
  discoveryTopic,
  uniqueId,
  withRemovedComponents,
} from '../../../src/sinks/mqtt/discoveryDevice.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'

interface Keys {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}
interface Rules {
  readonly topic: string
  readonly shared: readonly string[]
  readonly message: Keys
  readonly device: Keys
  readonly origin: Keys
  readonly availability: Keys
  readonly platforms: Readonly<Record<string, Keys>>
  readonly words: Readonly<Record<string, readonly string[]>>
}
const rules: Rules = JSON.parse(readFileSync('test/fixtures/homeAssistant/schema.json', 'utf8'))

/** Keys of the messages, not of their components. */
const NOTHING: Details = { cameras: new Map(), events: new Map() }

function setUp({ topicPrefix = 'watchword', snapshots = true, details = NOTHING, supportUrl = '' } = {}) {
  const topics = createTopics(topicPrefix)
  const options = { topicPrefix, topics, version: '0.1.0', snapshots, ...(supportUrl !== '' && { supportUrl }) }
  return {
    camera: (camera: string, events: readonly string[]) => ({
      topic: discoveryTopic('homeassistant', topicPrefix, camera),
      payload: cameraDevice(camera, events, details, options),
    }),
    bridge: (events: readonly string[]) => ({
      topic: discoveryTopic('homeassistant', topicPrefix, null),
      payload: bridgeDevice(events, details, options),
    }),
  }
}

function expectKeys(value: object, { required, optional }: Keys, what: string): void {
  const keys = Object.keys(value)
  expect(
    keys.filter(key => !required.includes(key) && !optional.includes(key)),
    `keys of ${what}`,
  ).toEqual([])
  expect(
    required.filter(key => !keys.includes(key)),
    `missing in ${what}`,
  ).toEqual([])
}

function expectComponent(id: string, { platform, ...component }: Component): void {
  const keys = rules.platforms[platform]
  if (keys === undefined) throw new Error(`${id}: platform ${platform} is not in the rules`)
  expectKeys(component, keys, id)
  expect(component.unique_id).toBe(id)
  for (const [key, value] of Object.entries(component)) {
    const words = rules.words[`${platform}.${key}`] ?? rules.words[key]
    if (words !== undefined) expect(words, `${id} ${key}`).toContain(value)
    if (key.endsWith('_topic')) expect(value, `${id} ${key}`).toMatch(/^[^+#\0]+$/)
  }
  for (const each of component.availability as object[]) expectKeys(each, rules.availability, `availability of ${id}`)
  // `cv.icon` wants a prefix; an image has no state class.
  if (component.icon !== undefined) expect(component.icon).toMatch(/^[a-z0-9]+:[a-z0-9-]+$/)
  // Home Assistant subscribes with QoS 0 if an entity does not set `qos`.
  if (platform !== 'button') expect(component.qos, id).toBe(1)
}

function expectAccepted({ topic, payload }: { topic: string; payload: DiscoveryDevice }): void {
  expect(topic.replace('homeassistant/', '')).toMatch(new RegExp(`^${rules.topic}$`))
  expectKeys(payload, rules.message, 'the message')
  expectKeys(payload.device as object, rules.device, 'the device')
  expectKeys(payload.origin as object, rules.origin, 'the origin')
  for (const [id, component] of Object.entries(payload.components)) expectComponent(id, component)
}

const FULL: Details = {
  cameras: new Map([
    [
      'front_door',
      { name: 'Tür 門', area: 'Garten', configurationUrl: 'http://192.168.1.20', enabled: true, disabledEvents: [] },
    ],
  ]),
  events: new Map([
    ['person_walking', { name: 'Кто-то', deviceClass: 'motion', icon: 'mdi:walk', threshold: 0.8 }],
    ['red_light', { deviceClass: 'none', threshold: 0.5 }],
  ]),
}

describe('a camera', () => {
  it('is accepted by Home Assistant, with all options and with none', () => {
    expectAccepted(setUp({ details: FULL }).camera('front_door', ['person_walking', 'red_light']))
    expectAccepted(setUp().camera('front_door', ['person_walking']))
    expectAccepted(setUp({ snapshots: false }).camera('front_door', []))
  })

  it('has the name, area and icon of the config', () => {
    const { payload } = setUp({ details: FULL }).camera('front_door', ['person_walking', 'red_light'])
    expect(payload.device).toEqual({
      identifiers: ['watchword.front_door'],
      manufacturer: 'Watchword',
      model: 'Camera',
      name: 'Tür 門',
      sw_version: '0.1.0',
      via_device: 'watchword.bridge',
      suggested_area: 'Garten',
      configuration_url: 'http://192.168.1.20',
    })
    expect(payload.components['watchword.front_door.person_walking.state']).toMatchObject({
      name: 'Кто-то',
      device_class: 'motion',
      icon: 'mdi:walk',
      state_topic: 'watchword/front_door/person_walking/state',
    })
    expect(payload.components['watchword.front_door.red_light.state']).not.toHaveProperty('device_class')
    const plain = setUp().camera('front_door', ['person_walking']).payload
    expect(plain.device).toMatchObject({ name: 'Front door' })
    expect(plain.components['watchword.front_door.person_walking.state']).toMatchObject({
      name: 'Person walking',
      device_class: 'occupancy',
    })
  })

  it('has the expected entities, for itself and for each event', () => {
    const kinds = (components: DiscoveryDevice['components']) =>
      Object.entries(components).map(([id, { platform }]) => `${platform} ${id.replace('watchword.front.', '')}`)
    expect(kinds(setUp().camera('front', ['person']).payload.components)).toEqual([
      'binary_sensor person.state',
      'image person.snapshot',
      'event person.event',
      'sensor person.score',
      'sensor person.calibration',
      'switch person.enabled',
      'binary_sensor connection',
      'sensor status',
      'binary_sensor problem',
      'switch enabled',
    ])
    const without = kinds(setUp({ snapshots: false }).camera('front', ['person']).payload.components)
    expect(without.filter(kind => kind.startsWith('image'))).toEqual([])
  })

  it('keeps entities available that a user needs while the camera is offline', () => {
    const { components } = setUp().camera('front', ['person']).payload
    const topicsOf = (id: string) => {
      const availability = components[`watchword.front.${id}`]?.availability as { topic: string }[]
      return availability.map(({ topic }) => topic.replace('watchword/', ''))
    }
    const bridge = ['bridge/state']
    for (const id of ['connection', 'status', 'enabled', 'person.enabled', 'person.snapshot'])
      expect(topicsOf(id)).toEqual(bridge)
    expect(topicsOf('problem')).toEqual([...bridge, 'front/availability'])
    expect(topicsOf('person.state')).toEqual([...bridge, 'front/availability', 'front/person/enabled'])
    // The return from `unavailable` would be an event.
    expect(topicsOf('person.event')).toEqual([])
  })

  it('sends commands that the requests accept', () => {
    const { components } = setUp().camera('front', ['person']).payload
    expect(components['watchword.front.enabled']).toMatchObject({
      command_topic: 'watchword/bridge/request/camera',
      payload_on: '{"camera":"front","enabled":true}',
      payload_off: '{"camera":"front","enabled":false}',
      optimistic: false,
    })
    expect(components['watchword.front.person.enabled']).toMatchObject({
      command_topic: 'watchword/bridge/request/event',
      payload_on: '{"event":"person","camera":"front","enabled":true}',
      state_on: 'ON',
    })
  })
})

describe('the bridge', () => {
  it('is accepted by Home Assistant and has a threshold for each event', () => {
    const message = setUp({ details: FULL, supportUrl: 'https://example.org' }).bridge(['person_walking', 'red_light'])
    expectAccepted(message)
    expect(message.topic).toBe('homeassistant/device/watchword_bridge/config')
    expect(message.payload.origin).toEqual({
      name: 'Watchword',
      sw_version: '0.1.0',
      support_url: 'https://example.org',
    })
    expect(message.payload.components['watchword.bridge.person_walking.threshold']).toMatchObject({
      platform: 'number',
      name: 'Кто-то threshold',
      min: 0,
      max: 1,
      step: 0.01,
      state_topic: 'watchword/bridge/threshold/person_walking',
      command_template: '{"event": "person_walking", "threshold": {{ value }}}',
      optimistic: false,
    })
    expectAccepted(setUp({ topicPrefix: 'home/cams' }).bridge(['unknown']))
  })
})

it('every entry of the prompt library has a device class and an icon that Home Assistant knows', () => {
  for (const [name, { device_class, icon }] of Object.entries(readLibrary())) {
    expect(rules.words['binary_sensor.device_class'], name).toContain(device_class)
    const details = {
      deviceClass: String(device_class),
      threshold: 0,
      ...(icon !== undefined && { icon: String(icon) }),
    }
    expectAccepted(setUp({ details: { cameras: new Map(), events: new Map([[name, details]]) } }).camera('a', [name]))
  }
})

describe('ids', () => {
  it('differ if names differ, also if the joined names are equal', () => {
    const { camera } = setUp()
    const one = Object.keys(camera('front', ['open', 'door_open', 'open__picture']).payload.components)
    const other = Object.keys(camera('front_door', ['open', 'door_open', 'open__picture']).payload.components)
    expect(new Set([...one, ...other]).size).toBe(one.length + other.length)
    const first = setUp({ topicPrefix: 'watchword' }).camera('x_yard', []).topic
    expect(setUp({ topicPrefix: 'watchword_x' }).camera('yard', []).topic).not.toBe(first)
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
  const { camera } = setUp()
  const before = camera('front', ['person', 'car']).payload
  const after = withRemovedComponents(camera('front', ['person']).payload, before)
  expect(after.components['watchword.front.car.state']).toEqual({ platform: 'binary_sensor' })
  expect(after.components['watchword.front.car.event']).toEqual({ platform: 'event' })
  const again = withRemovedComponents(camera('front', ['person']).payload, after)
  expect(again.components).not.toHaveProperty('watchword.front.car.state')
})
