/**
 * Home Assistant device discovery: one device per camera, with a binary sensor and a picture per event.
 * Format: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
 */

import { safeLevel, type Topics } from './topics.ts'

export interface DiscoveryOptions {
  /** Part of every id, so that two Watchwords on one broker stay apart. */
  readonly topicPrefix: string
  readonly topics: Topics
  readonly version: string
  /** Pictures are published too. */
  readonly snapshots: boolean
}

/** Where a camera's device is announced; an empty message there removes it. */
export function discoveryTopic(discoveryPrefix: string, topicPrefix: string, camera: string): string {
  return `${discoveryPrefix}/device/${deviceId(topicPrefix, camera)}/config`
}

export interface DiscoveryDevice {
  readonly components: Readonly<Record<string, { readonly platform: string }>>
  readonly [key: string]: unknown
}

export function discoveryDevice(
  camera: string,
  events: readonly string[],
  { topicPrefix, topics, version, snapshots }: DiscoveryOptions,
): DiscoveryDevice {
  const id = deviceId(topicPrefix, camera)
  const there = events.map(event => eventComponents(camera, event, id, topics))
  const components = [...there.map(({ sensor }) => sensor), ...(snapshots ? there.map(({ image }) => image) : [])]
  return {
    device: {
      identifiers: [id],
      name: titleOf(camera),
      manufacturer: 'Watchword',
      model: 'Camera',
      sw_version: version,
    },
    origin: { name: 'Watchword', sw_version: version },
    // The bridge says `stopped` too, and Home Assistant would ignore a word it does not know.
    availability: [
      { topic: topics.bridgeState, value_template: `{{ 'online' if value == 'online' else 'offline' }}` },
      { topic: topics.availability(camera) },
    ],
    availability_mode: 'all',
    components: Object.fromEntries(
      [...components, problemComponent(camera, id, topics)].map(component => [component.unique_id, component]),
    ),
    qos: 1,
  }
}

/**
 * Home Assistant keeps a component that is no longer there until it is told: nothing but its platform makes it go.
 * @returns `device` itself when nothing of the previous one is gone
 */
export function withoutGone(device: DiscoveryDevice, previous: DiscoveryDevice | null): DiscoveryDevice {
  const gone = Object.entries(previous?.components ?? {})
    .filter(([id, component]) => !(id in device.components) && Object.keys(component).length > 1)
    .map(([id, { platform }]) => [id, { platform }])
  if (gone.length === 0) return device
  return { ...device, components: { ...device.components, ...Object.fromEntries(gone) } }
}

function deviceId(topicPrefix: string, camera: string): string {
  return `${safeLevel(topicPrefix)}_${safeLevel(camera)}`
}

function eventComponents(camera: string, event: string, id: string, topics: Topics) {
  const unique = `${id}_${safeLevel(event)}`
  const sensor = {
    platform: 'binary_sensor',
    unique_id: unique,
    name: titleOf(event),
    device_class: 'occupancy',
    state_topic: topics.state(camera, event),
    payload_on: 'ON',
    payload_off: 'OFF',
    json_attributes_topic: topics.attributes(camera, event),
  }
  const image = {
    platform: 'image',
    unique_id: `${unique}__picture`,
    name: `${titleOf(event)} picture`,
    image_topic: topics.snapshot(camera, event),
    content_type: 'image/jpeg',
  }
  return { sensor, image }
}

function problemComponent(camera: string, id: string, topics: Topics) {
  return {
    platform: 'binary_sensor',
    unique_id: `${id}__problem`,
    name: 'Picture problem',
    device_class: 'problem',
    entity_category: 'diagnostic',
    state_topic: topics.status(camera),
    value_template: `{{ 'ON' if value_json.problem else 'OFF' }}`,
    json_attributes_topic: topics.status(camera),
  }
}

/** front_door → Front door */
function titleOf(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
