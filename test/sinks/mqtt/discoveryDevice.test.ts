/** Every discovery payload against what Home Assistant itself accepts: test/fixtures/homeAssistant/schema.json. */

import { describe, expect, it } from 'vitest'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import type { Details, DiscoveryDevice } from '../../../src/sinks/mqtt/discoveryDevice.ts'
import { discoveryOf, expectAccepted, rules } from '../../support/discoveryRules.ts'

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
    expectAccepted(discoveryOf({ details: FULL }).camera('front_door', ['person_walking', 'red_light']))
    expectAccepted(discoveryOf().camera('front_door', ['person_walking']))
    expectAccepted(discoveryOf({ snapshots: false }).camera('front_door', []))
  })

  it('has the name, area and icon of the config', () => {
    const { payload } = discoveryOf({ details: FULL }).camera('front_door', ['person_walking', 'red_light'])
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
    const plain = discoveryOf().camera('front_door', ['person_walking']).payload
    expect(plain.device).toMatchObject({ name: 'Front door' })
    expect(plain.components['watchword.front_door.person_walking.state']).toMatchObject({
      name: 'Person walking',
      device_class: 'occupancy',
    })
  })

  it('has the expected entities, for itself and for each event', () => {
    const kinds = (components: DiscoveryDevice['components']) =>
      Object.entries(components).map(([id, { platform }]) => `${platform} ${id.replace('watchword.front.', '')}`)
    expect(kinds(discoveryOf().camera('front', ['person']).payload.components)).toEqual([
      'binary_sensor person.state',
      'image person.snapshot',
      'image person.crop',
      'event person.event',
      'sensor person.score',
      'sensor person.calibration',
      'switch person.enabled',
      'binary_sensor connection',
      'sensor status',
      'binary_sensor problem',
      'switch enabled',
    ])
    const without = kinds(discoveryOf({ snapshots: false }).camera('front', ['person']).payload.components)
    expect(without.filter(kind => kind.startsWith('image'))).toEqual([])
    const details = {
      cameras: new Map([['front', { enabled: true, disabledEvents: [], hasCrops: false }]]),
      events: new Map(),
    }
    const wholeOnly = kinds(discoveryOf({ details }).camera('front', ['person']).payload.components)
    expect(wholeOnly.filter(kind => kind.startsWith('image'))).toEqual(['image person.snapshot'])
  })

  it('keeps entities available that a user needs while the camera is offline', () => {
    const { components } = discoveryOf().camera('front', ['person']).payload
    const topicsOf = (id: string) => {
      const availability = components[`watchword.front.${id}`]?.availability as { topic: string }[]
      return availability.map(({ topic }) => topic.replace('watchword/', ''))
    }
    const bridge = ['bridge/state']
    for (const id of ['connection', 'status', 'enabled', 'person.enabled', 'person.snapshot'])
      expect(topicsOf(id)).toEqual(bridge)
    expect(topicsOf('person.crop')).toEqual([...bridge, 'front/person/attributes'])
    expect(topicsOf('problem')).toEqual([...bridge, 'front/availability'])
    expect(topicsOf('person.state')).toEqual([...bridge, 'front/availability', 'front/person/enabled'])
    // The return from `unavailable` would be an event.
    expect(topicsOf('person.event')).toEqual([])
  })

  it('sends commands that the requests accept', () => {
    const { components } = discoveryOf().camera('front', ['person']).payload
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
    const message = discoveryOf({ details: FULL, supportUrl: 'https://example.org' }).bridge([
      'person_walking',
      'red_light',
    ])
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
    expectAccepted(discoveryOf({ topicPrefix: 'home/cams' }).bridge(['unknown']))
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
    expectAccepted(
      discoveryOf({ details: { cameras: new Map(), events: new Map([[name, details]]) } }).camera('a', [name]),
    )
  }
})
