/** What Home Assistant itself accepts of a discovery payload: test/fixtures/homeAssistant/schema.json. */

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { bridgeDevice } from '../../src/sinks/mqtt/bridgeDevice.ts'
import { cameraDevice } from '../../src/sinks/mqtt/cameraDevice.ts'
import {
  type Component,
  type Details,
  type DiscoveryDevice,
  discoveryTopic,
} from '../../src/sinks/mqtt/discoveryDevice.ts'
import { createTopics } from '../../src/sinks/mqtt/topics.ts'

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
export const rules: Rules = JSON.parse(readFileSync('test/fixtures/homeAssistant/schema.json', 'utf8'))

/** Keys of the messages, not of their components. */
const NOTHING: Details = { cameras: new Map(), events: new Map() }

export function discoveryOf({ topicPrefix = 'watchword', snapshots = true, details = NOTHING, supportUrl = '' } = {}) {
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

export function expectAccepted({ topic, payload }: { topic: string; payload: DiscoveryDevice }): void {
  expect(topic.replace('homeassistant/', '')).toMatch(new RegExp(`^${rules.topic}$`))
  expectKeys(payload, rules.message, 'the message')
  expectKeys(payload.device as object, rules.device, 'the device')
  expectKeys(payload.origin as object, rules.origin, 'the origin')
  for (const [id, component] of Object.entries(payload.components)) expectComponent(id, component)
}
