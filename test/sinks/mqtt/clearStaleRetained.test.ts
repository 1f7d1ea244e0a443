import { expect, it } from 'vitest'
import { eventPayload, statusPayload } from '../../../src/sinks/eventPayload.ts'
import { createAnnouncer } from '../../../src/sinks/mqtt/announcer.ts'
import { clearStaleRetained } from '../../../src/sinks/mqtt/clearStaleRetained.ts'
import type { Connection } from '../../../src/sinks/mqtt/connection.ts'
import { createRetainedTopics } from '../../../src/sinks/mqtt/retainedTopics.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'
import { change } from '../../support/change.ts'

/** Runs with a broker that holds these retained topics; returns the published messages as `topic=payload`. */
async function clearOn(held: Readonly<Record<string, string>>, prefix = 'watchword') {
  const published: string[] = []
  const connection: Connection = {
    protocol: 5,
    closed: new Promise(() => undefined),
    publish: async (topic, payload) => {
      published.push(`${topic}=${payload}`)
      return 'acknowledged'
    },
    readRetained: async (_, onRetained) => {
      for (const [topic, payload] of Object.entries(held)) onRetained(topic, Buffer.from(payload), { isRetained: true })
      return true
    },
    subscribe: async () => undefined,
    end: async () => undefined,
  }
  const retained = createRetainedTopics()
  const topics = createTopics(prefix)
  const options = { topics, topicPrefix: prefix, discoveryPrefix: 'homeassistant', version: '1', snapshots: true }
  const announcer = createAnnouncer({ ...options, retained, publishInfo: () => undefined })
  announcer.declare({ front: ['person'] })
  retained.set(topics.healthCheck('broker', 'mqtt'), 'ok')
  retained.connect(connection)
  await retained.flush()
  published.length = 0
  await clearStaleRetained(connection, { ...options, retained, announcer })
  await retained.flush()
  return published
}

const device = (bridge: string, id: string, topic = 'x') =>
  JSON.stringify({
    availability: [{ topic: bridge }],
    components: { [id]: { platform: 'binary_sensor', name: 'x', state_topic: topic } },
  })

/** `bridge/info` of an earlier run. */
const info = (cameras: string[], events: string[]) =>
  JSON.stringify({ schema_version: 1, version: '1', cameras, events, variant: 'int8' })
const status = JSON.stringify(
  statusPayload({
    ...{ kind: 'status', camera: 'yard', at: 0, state: 'online' },
    ...{ problem: null, reason: null, detail: null, retryInMs: null },
  }),
)
const attributes = (camera: string, event: string) =>
  JSON.stringify(eventPayload(change('new', 'a', 0, { camera, event }).after))

it('removes cameras, events, health checks and devices that are no longer in the config', async () => {
  const published = await clearOn({
    'watchword/bridge/info': info(['front', 'yard'], ['person', 'car']),
    'watchword/yard/availability': 'online',
    'watchword/yard/status': '{}',
    'watchword/yard/person/state': 'ON',
    'watchword/yard/person/attributes': '{}',
    'watchword/front/car/state': 'ON',
    'watchword/front/status': '{"state":"online"}',
    'watchword/bridge/health/camera/yard': '{"state":"critical","detail":"timeout"}',
    'homeassistant/device/watchword_yard/config': device('watchword/bridge/state', 'a'),
  })
  expect(published).toEqual([
    // First, because its entities read the others.
    'homeassistant/device/watchword_yard/config=',
    'watchword/yard/availability=',
    'watchword/yard/status=',
    // The images go before the state: while the state exists, an interrupted cleanup finds all of them again.
    'watchword/yard/person/snapshot=',
    'watchword/yard/person/crop=',
    'watchword/yard/person/state=',
    'watchword/yard/person/attributes=',
    'watchword/front/car/snapshot=',
    'watchword/front/car/crop=',
    'watchword/front/car/state=',
    // From an earlier run: this run has not published a status of the camera yet.
    'watchword/front/status=',
    'watchword/bridge/health/camera/yard=',
  ])
})

it.each([
  [
    'its attributes',
    { 'home/yard/person/attributes': attributes('yard', 'person'), 'home/yard/person/state': 'ON' },
    ['home/yard/person/attributes', 'home/yard/person/snapshot', 'home/yard/person/crop', 'home/yard/person/state'],
  ],
  [
    'its status',
    { 'home/yard/availability': 'online', 'home/yard/status': status },
    ['home/yard/availability', 'home/yard/status'],
  ],
  [
    'its device in Home Assistant',
    {
      'home/yard/person/state': 'ON',
      'homeassistant/device/home_yard/config': device('home/bridge/state', 'a', 'home/yard/person/state'),
    },
    [
      'homeassistant/device/home_yard/config',
      'home/yard/person/snapshot',
      'home/yard/person/crop',
      'home/yard/person/state',
    ],
  ],
])('recognizes its own topics by %s, without the info of the earlier run', async (_, held, removed) => {
  expect(await clearOn(held, 'home')).toEqual(removed.map(topic => `${topic}=`))
})

it('leaves topics of other programs under the same prefix alone', async () => {
  const published = await clearOn(
    {
      'home/bridge/info': info(['front', 'gate'], ['person']),
      'home/lamp/availability': 'online',
      'home/kitchen/lamp/state': 'ON',
      'home/kitchen/lamp/attributes': '{"brightness":3}',
      'home/door/status': '{"state":"open"}',
      'home/door/person/state': 'ON',
      'home/gate/lamp/state': 'ON',
      'home/bridge/health/x/y': 'alive',
      'home/bridge/health/z/y': '{"state":"ok"}',
      'home/tv/person/attributes': attributes('another', 'person'),
    },
    'home',
  )
  expect(published).toEqual([])
})

it('ignores messages that are larger than its own can be', async () => {
  const components = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`c${n}`, { platform: 'sensor' }]))
  const payload = JSON.stringify({ availability: [{ topic: 'watchword/bridge/state' }], components })
  expect(await clearOn({ 'homeassistant/device/watchword_front/config': payload })).toEqual([])
})

it('keeps current topics, topics of this run, and topics of other programs', async () => {
  const published = await clearOn({
    'watchword/front/availability': 'offline',
    'watchword/front/person/state': 'OFF',
    'watchword/front/person/attributes': '{"id":"of the last event"}',
    'watchword/bridge/health/broker/mqtt': 'ok',
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

it('removes components from Home Assistant that no longer exist', async () => {
  const topic = 'homeassistant/device/watchword_front/config'
  const [message = ''] = await clearOn({ [topic]: device('watchword/bridge/state', 'watchword.front.car.state') })
  expect(message.startsWith(`${topic}=`)).toBe(true)
  expect(JSON.parse(message.slice(topic.length + 1)).components['watchword.front.car.state']).toEqual({
    platform: 'binary_sensor',
  })
})
