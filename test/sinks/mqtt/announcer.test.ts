import { expect, it } from 'vitest'
import { createAnnouncer } from '../../../src/sinks/mqtt/announcer.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'

function create(discoveryPrefix: string | null = 'homeassistant') {
  const sent = new Map<string, string>()
  const infos: Readonly<Record<string, unknown>>[] = []
  const announcer = createAnnouncer({
    topicPrefix: 'watchword',
    topics: createTopics('watchword'),
    discoveryPrefix,
    version: '1',
    snapshots: true,
    publishInfo: info => {
      infos.push(info)
    },
    retained: {
      set: (topic, payload) => {
        sent.delete(topic)
        sent.set(topic, String(payload))
      },
      isSettled: () => true,
      keeps: topic => sent.get(topic) !== undefined,
      connect: () => undefined,
      resend: () => undefined,
      flush: async () => undefined,
    },
  })
  return { announcer, sent, infos }
}

const DEVICE = 'homeassistant/device/watchword_front/config'
const componentsIn = (payload = '') => JSON.parse(payload).components

it('begins every camera offline and every event OFF', () => {
  const { announcer, sent, infos } = create()
  announcer.declare({ front: ['person'], yard: [] })
  expect([...sent].filter(([topic]) => topic.startsWith('watchword'))).toEqual([
    ['watchword/front/availability', 'offline'],
    ['watchword/front/person/state', 'OFF'],
    ['watchword/yard/availability', 'offline'],
    ['watchword/front/enabled', 'ON'],
    ['watchword/front/person/enabled', 'ON'],
    ['watchword/yard/enabled', 'ON'],
  ])
  expect(infos).toEqual([{ schema_version: 1, version: '1', cameras: ['front', 'yard'], events: ['person'] }])
})

it('removes the topics of removed cameras and events after their discovery, and keeps the states of the others', () => {
  const { announcer, sent } = create()
  announcer.declare({ front: ['person', 'car'], yard: ['person'] })
  sent.clear()
  announcer.declare({ front: ['person', 'crowd'] })
  const payload = sent.get(DEVICE)
  expect([...sent].map(([topic, value]) => [topic, topic === DEVICE ? '…' : value])).toEqual([
    ['watchword/front/crowd/state', 'OFF'],
    ['watchword/front/crowd/enabled', 'ON'],
    ['homeassistant/device/watchword_yard/config', ''],
    [DEVICE, '…'],
    ['watchword/front/car/snapshot', ''],
    ['watchword/front/car/crop', ''],
    ['watchword/front/car/attributes', ''],
    ['watchword/front/car/calibration', ''],
    ['watchword/front/car/enabled', ''],
    ['watchword/front/car/state', ''],
    ['watchword/yard/person/snapshot', ''],
    ['watchword/yard/person/crop', ''],
    ['watchword/yard/person/attributes', ''],
    ['watchword/yard/person/calibration', ''],
    ['watchword/yard/person/enabled', ''],
    ['watchword/yard/person/state', ''],
    ['watchword/yard/availability', ''],
    ['watchword/yard/status', ''],
    ['watchword/yard/enabled', ''],
  ])
  // As Home Assistant documents it: a component with nothing but its platform is removed.
  const components = componentsIn(payload)
  expect(components['watchword.front.car.state']).toEqual({ platform: 'binary_sensor' })
  expect(components['watchword.front.car.snapshot']).toEqual({ platform: 'image' })
  expect(components['watchword.front.crowd.state']).toMatchObject({ name: 'Crowd' })
  expect([announcer.knows('front', 'person'), announcer.knows('front', 'car'), announcer.knows('yard')]).toEqual([
    true,
    false,
    false,
  ])
})

it('publishes switches and thresholds, and only changed ones', () => {
  const { announcer, sent } = create()
  const details = (threshold: number, disabledEvents: string[], enabled = true) => ({
    cameras: new Map([['front', { enabled, disabledEvents }]]),
    events: new Map([['person', { threshold }]]),
  })
  announcer.declare({ front: ['person'] }, details(0.8, []))
  expect(sent.get('watchword/bridge/threshold/person')).toBe('0.8')
  sent.clear()
  announcer.declare({ front: ['person'] }, details(0.8, []))
  expect([...sent.keys()]).toEqual([])
  announcer.declare({ front: ['person'] }, details(0.6, ['person'], false))
  expect(Object.fromEntries(sent)).toEqual({
    'watchword/front/enabled': 'OFF',
    'watchword/front/person/enabled': 'OFF',
    'watchword/bridge/threshold/person': '0.6',
  })
  sent.clear()
  announcer.declare({ front: [] }, details(0.6, []))
  expect(sent.get('watchword/bridge/threshold/person')).toBe('')
  expect(componentsIn(sent.get('homeassistant/device/watchword_bridge/config'))).toMatchObject({
    'watchword.bridge.person.threshold': { platform: 'number' },
  })
})

it('accepts names that every object has', () => {
  const { announcer, sent } = create()
  expect([announcer.knows('constructor'), announcer.knows('constructor', 'toString')]).toEqual([false, false])
  announcer.declare({ constructor: ['valueOf'], front: [] })
  expect(announcer.knows('constructor', 'valueOf')).toBe(true)
  announcer.declare({ front: [] })
  expect(sent.get('watchword/constructor/availability')).toBe('')
})

it('removes components from Home Assistant that an earlier run announced and this one does not', () => {
  const [earlier, now] = [create(), create()]
  earlier.announcer.declare({ front: ['person', 'car'] })
  now.announcer.declare({ front: ['person'] })
  now.announcer.removeOldComponents(DEVICE, JSON.parse(earlier.sent.get(DEVICE) ?? ''))
  const components = componentsIn(now.sent.get(DEVICE))
  expect(components['watchword.front.car.state']).toEqual({ platform: 'binary_sensor' })
  expect(components['watchword.front.car.snapshot']).toEqual({ platform: 'image' })
  expect(components['watchword.front.person.state']).toHaveProperty('state_topic')
  // The next run does not repeat it.
  const next = create()
  next.announcer.declare({ front: ['person'] })
  next.announcer.removeOldComponents(DEVICE, JSON.parse(now.sent.get(DEVICE) ?? ''))
  expect(componentsIn(next.sent.get(DEVICE))).not.toHaveProperty('watchword.front.car.state')
})

it('publishes no discovery when discovery is off', () => {
  const { announcer, sent } = create(null)
  announcer.declare({ front: ['person'] })
  announcer.declare({})
  expect([...sent.keys()].filter(topic => topic.startsWith('homeassistant'))).toEqual([])
})
