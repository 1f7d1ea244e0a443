/** Tells the broker which cameras and events there are: state before the first frame, discovery, and what is gone. */

import { SCHEMA_VERSION } from '../wire.ts'
import {
  type DiscoveryDevice,
  type DiscoveryOptions,
  discoveryDevice,
  discoveryTopic,
  withoutGone,
} from './discovery.ts'
import type { RetainedTopics } from './retained.ts'
import type { Topics } from './topics.ts'

/** Camera → the events it watches for. */
export type Watched = Readonly<Record<string, readonly string[]>>

export interface AnnounceOptions extends DiscoveryOptions {
  /** Home Assistant's own prefix, `homeassistant` unless changed there; null: no discovery. */
  readonly discoveryPrefix: string | null
  readonly retained: RetainedTopics
  /** Publishes `bridge/info`. */
  readonly publishInfo: (info: Readonly<Record<string, unknown>>) => void
}

export interface Announcer {
  /** From now on these are watched: new ones begin as offline and OFF, the topics of gone ones are removed. */
  declare(watched: Watched): void
  knows(camera: string, event?: string): boolean
  /** A topic whose value, from whichever run, stays: it belongs to something that is watched. */
  owns(topic: string): boolean
  /** What an earlier run announced at this topic: what of it is no more is taken from Home Assistant as well. */
  recall(topic: string, earlier: DiscoveryDevice): void
}

export function createAnnouncer(options: AnnounceOptions): Announcer {
  const { topics, topicPrefix, discoveryPrefix, retained, version, publishInfo } = options
  let current: Watched = {}
  let own: ReadonlySet<string> = new Set()
  /** By its topic, as it was last announced. */
  const devices = new Map<string, DiscoveryDevice>()

  const announce = (topic: string, device: DiscoveryDevice) => {
    devices.set(topic, device)
    retained.set(topic, JSON.stringify(device))
  }
  const discover = (camera: string, events: readonly string[]) => {
    if (discoveryPrefix === null) return
    const topic = discoveryTopic(discoveryPrefix, topicPrefix, camera)
    announce(topic, withoutGone(discoveryDevice(camera, events, options), devices.get(topic) ?? null))
  }
  const removeEvent = (camera: string, event: string) => {
    for (const topic of eventTopics(topics, camera, event)) remove(retained, topic)
  }
  const removeCamera = (camera: string, events: readonly string[]) => {
    for (const event of events) removeEvent(camera, event)
    remove(retained, topics.availability(camera))
    remove(retained, topics.status(camera))
    if (discoveryPrefix === null) return
    const topic = discoveryTopic(discoveryPrefix, topicPrefix, camera)
    devices.delete(topic)
    remove(retained, topic)
  }
  const declareCamera = (camera: string, events: readonly string[], known: readonly string[] | undefined) => {
    for (const event of known ?? []) if (!events.includes(event)) removeEvent(camera, event)
    if (known === undefined) retained.set(topics.availability(camera), 'offline')
    for (const event of events) if (known?.includes(event) !== true) retained.set(topics.state(camera, event), 'OFF')
    discover(camera, events)
  }
  return {
    knows: (camera, event) =>
      event === undefined ? Object.hasOwn(current, camera) : (current[camera]?.includes(event) ?? false),
    owns: topic => own.has(topic) || devices.has(topic),
    recall: (topic, earlier) => {
      const device = devices.get(topic)
      const whole = device && withoutGone(device, earlier)
      if (whole !== undefined && whole !== device) announce(topic, whole)
    },
    declare: watched => {
      const before = current
      current = watched
      own = new Set(Object.entries(watched).flatMap(([camera, events]) => cameraTopics(topics, camera, events)))
      for (const [camera, events] of Object.entries(before)) if (!(camera in watched)) removeCamera(camera, events)
      for (const [camera, events] of Object.entries(watched)) declareCamera(camera, events, before[camera])
      const events = [...new Set(Object.values(watched).flat())]
      publishInfo({ schema_version: SCHEMA_VERSION, version, cameras: Object.keys(watched), events })
    },
  }
}

/** An empty retained message takes a topic from the broker. */
export function remove(retained: RetainedTopics, topic: string): void {
  retained.set(topic, '', { keep: false })
}

/** Its status is not among them: that of an earlier run is no more true, and a camera that is switched off says none. */
function cameraTopics(topics: Topics, camera: string, events: readonly string[]): string[] {
  return [topics.availability(camera), ...events.flatMap(event => eventTopics(topics, camera, event))]
}

/** The state last: while it is there, a sweep finds the others. */
function eventTopics(topics: Topics, camera: string, event: string): string[] {
  return [topics.snapshot(camera, event), topics.attributes(camera, event), topics.state(camera, event)]
}
