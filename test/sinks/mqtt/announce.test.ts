import { expect, it } from 'vitest'
import { createAnnouncer } from '../../../src/sinks/mqtt/announce.ts'
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
    publishInfo: info => infos.push(info),
    retained: {
      set: (topic, payload) => {
        sent.set(topic, String(payload))
      },
      keeps: topic => sent.get(topic) !== undefined,
      connect: () => undefined,
      flush: async () => undefined,
    },
  })
  return { announcer, sent, infos }
}

it('begins every camera offline and every event OFF', () => {
  const { announcer, sent, infos } = create()
  announcer.declare({ front: ['person'], yard: [] })
  expect([...sent].filter(([topic]) => topic.startsWith('watchword'))).toEqual([
    ['watchword/front/availability', 'offline'],
    ['watchword/front/person/state', 'OFF'],
    ['watchword/yard/availability', 'offline'],
  ])
  expect(infos).toEqual([{ schema_version: 1, version: '1', cameras: ['front', 'yard'], events: ['person'] }])
})

it('removes the topics of what is gone and leaves the state of what stays', () => {
  const { announcer, sent } = create()
  announcer.declare({ front: ['person', 'car'], yard: ['person'] })
  sent.clear()
  announcer.declare({ front: ['person', 'crowd'] })
  const payload = sent.get('homeassistant/device/watchword_front/config') ?? ''
  sent.delete('homeassistant/device/watchword_front/config')
  expect(Object.fromEntries(sent)).toEqual({
    'watchword/yard/person/state': '',
    'watchword/yard/person/attributes': '',
    'watchword/yard/person/snapshot': '',
    'watchword/yard/availability': '',
    'watchword/yard/status': '',
    'homeassistant/device/watchword_yard/config': '',
    'watchword/front/car/state': '',
    'watchword/front/car/attributes': '',
    'watchword/front/car/snapshot': '',
    'watchword/front/crowd/state': 'OFF',
  })
  // As Home Assistant documents it: a component with nothing but its platform is removed.
  expect(JSON.parse(payload).components).toMatchObject({
    watchword_front_person: { name: 'Person' },
    watchword_front_crowd: { name: 'Crowd' },
    watchword_front_car: { platform: 'binary_sensor' },
    watchword_front_car__picture: { platform: 'image' },
  })
  expect(Object.keys(JSON.parse(payload).components.watchword_front_car)).toEqual(['platform'])
  expect([announcer.knows('front', 'person'), announcer.knows('front', 'car'), announcer.knows('yard')]).toEqual([
    true,
    false,
    false,
  ])
})

it('takes from Home Assistant what an earlier run announced and this one does not', () => {
  const [earlier, now] = [create(), create()]
  earlier.announcer.declare({ front: ['person', 'car'] })
  now.announcer.declare({ front: ['person'] })
  const topic = 'homeassistant/device/watchword_front/config'
  now.announcer.recall(topic, JSON.parse(earlier.sent.get(topic) ?? ''))
  const { components } = JSON.parse(now.sent.get(topic) ?? '')
  expect(components.watchword_front_car).toEqual({ platform: 'binary_sensor' })
  expect(components.watchword_front_car__picture).toEqual({ platform: 'image' })
  expect(components.watchword_front_person).toHaveProperty('state_topic')
  // Told once: the next run does not tell it again.
  const next = create()
  next.announcer.declare({ front: ['person'] })
  next.announcer.recall(topic, JSON.parse(now.sent.get(topic) ?? ''))
  expect(JSON.parse(next.sent.get(topic) ?? '').components).not.toHaveProperty('watchword_front_car')
})

it('says nothing to Home Assistant where discovery is off', () => {
  const { announcer, sent } = create(null)
  announcer.declare({ front: ['person'] })
  announcer.declare({})
  expect([...sent.keys()].filter(topic => topic.startsWith('homeassistant'))).toEqual([])
})
