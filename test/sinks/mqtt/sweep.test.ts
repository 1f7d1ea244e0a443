import { expect, it } from 'vitest'
import { createAnnouncer } from '../../../src/sinks/mqtt/announce.ts'
import type { Connection } from '../../../src/sinks/mqtt/connection.ts'
import { createRetainedTopics } from '../../../src/sinks/mqtt/retained.ts'
import { sweep } from '../../../src/sinks/mqtt/sweep.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'

/** Runs against a broker that holds these topics; gives what is published as `topic=payload`. */
async function sweepBroker(held: Readonly<Record<string, string>>, prefix = 'watchword') {
  const published: string[] = []
  const connection: Connection = {
    protocol: 5,
    closed: new Promise(() => undefined),
    publish: async (topic, payload) => {
      published.push(`${topic}=${payload}`)
      return 'acknowledged'
    },
    recall: async (_, onRetained) => {
      for (const [topic, payload] of Object.entries(held)) onRetained(topic, Buffer.from(payload))
    },
    subscribe: async () => undefined,
    end: async () => undefined,
  }
  const retained = createRetainedTopics()
  const topics = createTopics(prefix)
  const options = { topics, topicPrefix: prefix, discoveryPrefix: 'homeassistant', version: '1', snapshots: true }
  const announcer = createAnnouncer({ ...options, retained, publishInfo: () => undefined })
  announcer.declare({ front: ['person'] })
  retained.set(topics.watchdog('broker', 'mqtt'), 'ok')
  retained.connect(connection)
  await retained.flush()
  published.length = 0
  await sweep(connection, { ...options, retained, announcer })
  await retained.flush()
  return published
}

const device = (bridge: string, id: string) =>
  JSON.stringify({ availability: [{ topic: bridge }], components: { [id]: { platform: 'binary_sensor', name: 'x' } } })

it('removes cameras, events, watchdogs and devices that nobody speaks of any more', async () => {
  const published = await sweepBroker({
    'watchword/yard/availability': 'online',
    'watchword/yard/status': '{}',
    'watchword/yard/person/state': 'ON',
    'watchword/yard/person/attributes': '{}',
    'watchword/front/car/state': 'ON',
    'watchword/front/status': '{"state":"online"}',
    'watchword/bridge/watchdog/camera/yard': '{"state":"critical"}',
    'homeassistant/device/watchword_yard/config': device('watchword/bridge/state', 'a'),
  })
  expect(published).toEqual([
    'watchword/yard/availability=',
    'watchword/yard/status=',
    // The picture goes before the state: as long as that is there, a sweep that was cut short finds it again.
    'watchword/yard/person/snapshot=',
    'watchword/yard/person/state=',
    'watchword/yard/person/attributes=',
    'watchword/front/car/snapshot=',
    'watchword/front/car/state=',
    // Of an earlier run: this one has said nothing of the camera yet.
    'watchword/front/status=',
    'watchword/bridge/watchdog/camera/yard=',
    'homeassistant/device/watchword_yard/config=',
  ])
})

it('leaves alone what is watched, what is said, and what is not ours', async () => {
  const published = await sweepBroker({
    'watchword/front/availability': 'offline',
    'watchword/front/person/state': 'OFF',
    'watchword/front/person/attributes': '{"id":"of the last event"}',
    'watchword/bridge/watchdog/broker/mqtt': 'ok',
    'watchword/bridge/state': 'online',
    'watchword/bridge/request/reload': '{}',
    'homeassistant/device/watchword_front/config': device('watchword/bridge/state', 'watchword.front.person.state'),
    'homeassistant/device/watchword_2_yard/config': device('watchword_2/bridge/state', 'a'),
    'homeassistant/device/watchword_kitchen/config': 'not JSON',
    'homeassistant/device/watchword_lamp/config': '{"availability":[],"components":{}}',
    'watchword/yard/availability': '',
  })
  expect(published).toEqual([])
})

it('tells Home Assistant of the components that are gone', async () => {
  const topic = 'homeassistant/device/watchword_front/config'
  const [told = ''] = await sweepBroker({ [topic]: device('watchword/bridge/state', 'watchword.front.car.state') })
  expect(told.startsWith(`${topic}=`)).toBe(true)
  expect(JSON.parse(told.slice(topic.length + 1)).components['watchword.front.car.state']).toEqual({
    platform: 'binary_sensor',
  })
})
