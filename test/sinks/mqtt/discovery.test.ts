/**
 * Checked against Home Assistant's own schema: homeassistant/components/mqtt/schemas.py (DEVICE_DISCOVERY_SCHEMA),
 * discovery.py (TOPIC_MATCHER) and the pages of the binary_sensor and image platforms.
 */

import { expect, it } from 'vitest'
import { z } from 'zod'
import { discoveryDevice, discoveryTopic } from '../../../src/sinks/mqtt/discovery.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'

const topic = z.string().regex(/^[^+#\0]+$/)
const shared = { unique_id: z.string(), name: z.string() }
const component = z.discriminatedUnion('platform', [
  z.strictObject({
    platform: z.literal('binary_sensor'),
    ...shared,
    device_class: z.enum(['occupancy', 'problem']),
    entity_category: z.literal('diagnostic').optional(),
    state_topic: topic,
    payload_on: z.string().optional(),
    payload_off: z.string().optional(),
    value_template: z.string().optional(),
    json_attributes_topic: topic,
  }),
  z.strictObject({
    platform: z.literal('image'),
    ...shared,
    image_topic: topic,
    content_type: z.literal('image/jpeg'),
  }),
])
const schema = z.strictObject({
  device: z.strictObject({
    identifiers: z.array(z.string()).min(1),
    name: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    sw_version: z.string(),
  }),
  origin: z.strictObject({ name: z.string(), sw_version: z.string() }),
  availability: z.array(z.strictObject({ topic, value_template: z.string().optional() })),
  availability_mode: z.enum(['all', 'any', 'latest']),
  components: z.record(z.string(), component),
  qos: z.literal(1),
})
const TOPIC = /^(?<component>\w+)\/(?:(?<node_id>[a-zA-Z0-9_-]+)\/)?(?<object_id>[a-zA-Z0-9_-]+)\/config$/

const discover = (camera: string, events: string[], overrides: { topicPrefix?: string; snapshots?: boolean } = {}) => {
  const topicPrefix = overrides.topicPrefix ?? 'watchword'
  const topics = createTopics(topicPrefix)
  const options = { topicPrefix, topics, version: '0.1.0', snapshots: overrides.snapshots ?? true }
  return {
    topic: discoveryTopic('homeassistant', topicPrefix, camera),
    payload: discoveryDevice(camera, events, options),
  }
}

it('describes one device per camera as Home Assistant wants it', () => {
  const { topic, payload } = discover('front_door', ['person_walking', 'crowded_scene'])
  expect(topic).toBe('homeassistant/device/watchword_front_door/config')
  expect(topic.replace('homeassistant/', '')).toMatch(TOPIC)
  const { components, device } = schema.parse(payload)
  expect(device).toMatchObject({ identifiers: ['watchword_front_door'], name: 'Front door' })
  expect(Object.keys(components)).toEqual([
    'watchword_front_door_person_walking',
    'watchword_front_door_crowded_scene',
    'watchword_front_door_person_walking__picture',
    'watchword_front_door_crowded_scene__picture',
    'watchword_front_door__problem',
  ])
  expect(components.watchword_front_door_person_walking).toMatchObject({
    name: 'Person walking',
    state_topic: 'watchword/front_door/person_walking/state',
  })
})

it('keeps ids and topics good with any name and prefix', () => {
  const { topic, payload } = discover('Tür 1', ['a/b'], { topicPrefix: 'home/cams' })
  expect(topic.replace('homeassistant/', '')).toMatch(TOPIC)
  const ids = Object.keys(schema.parse(payload).components)
  expect(new Set(ids).size).toBe(3)
})

it('offers no pictures where none are published', () => {
  const { components } = schema.parse(discover('front', ['person_walking'], { snapshots: false }).payload)
  expect(Object.values(components).map(({ platform }) => platform)).toEqual(['binary_sensor', 'binary_sensor'])
})
