/** Announces the cameras and events: initial states, switches, thresholds and discovery; removes the topics of old ones. */

import { SCHEMA_VERSION } from '../eventPayload.ts'
import { bridgeDevice } from './bridgeDevice.ts'
import { cameraDevice } from './cameraDevice.ts'
import {
  type Details,
  type DiscoveryDevice,
  type DiscoveryOptions,
  discoveryTopic,
  withRemovedComponents,
} from './discoveryDevice.ts'
import type { RetainedTopics } from './retainedTopics.ts'
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
  /**
   * Replaces the cameras and events: new ones begin as offline and OFF, the topics of old ones are removed. Unchanged values
   * are not sent again.
   */
  declare(watched: Watched, details?: Details): void
  knows(camera: string, event?: string): boolean
  /** Whether this topic belongs to a current camera or event: its value stays, even one of an earlier run. */
  owns(topic: string): boolean
  /** Whether a Home Assistant device is announced at this topic. */
  announces(topic: string): boolean
  /** Removes components from Home Assistant that an earlier run announced at this topic and that no longer exist. */
  removeOldComponents(topic: string, earlier: DiscoveryDevice): void
}

const NO_DETAILS: Details = { cameras: new Map(), events: new Map() }

export function createAnnouncer(options: AnnounceOptions): Announcer {
  const { topics, retained, version, publishInfo } = options
  let current = new Map<string, readonly string[]>()
  let thresholds: ReadonlySet<string> = new Set()
  let own: ReadonlySet<string> = new Set()
  /** Topic → its last payload. */
  const published = new Map<string, string>()

  const publish = (topic: string, payload: string) => {
    if (published.get(topic) === payload) return
    published.set(topic, payload)
    retained.set(topic, payload)
  }
  const clear = (topic: string) => {
    published.delete(topic)
    clearRetained(retained, topic)
  }
  const devices = createDevices(options, publish, clear)
  const removeOld = (before: ReadonlyMap<string, readonly string[]>) => {
    for (const [camera, events] of before) {
      const left = current.get(camera)
      const old = events.filter(event => left?.includes(event) !== true)
      for (const topic of old.flatMap(event => eventTopics(topics, camera, event))) clear(topic)
      if (left === undefined) for (const topic of cameraTopics(topics, camera)) clear(topic)
    }
  }
  /** Runs before the device is announced: Home Assistant must not find the state of an earlier run. */
  const begin = (camera: string, events: readonly string[], known: readonly string[] | undefined) => {
    if (known === undefined) retained.set(topics.availability(camera), 'offline')
    for (const event of events) if (known?.includes(event) !== true) retained.set(topics.state(camera, event), 'OFF')
  }
  const publishSettings = (camera: string, events: readonly string[], { cameras }: Details) => {
    const { enabled = true, disabledEvents = [] } = cameras.get(camera) ?? {}
    publish(topics.enabled(camera), onOff(enabled))
    for (const event of events) publish(topics.eventEnabled(camera, event), onOff(!disabledEvents.includes(event)))
  }
  const publishThresholds = (events: readonly string[], details: Details) => {
    const set = new Map<string, string>()
    for (const event of events) {
      const { threshold } = details.events.get(event) ?? {}
      if (threshold !== undefined) set.set(topics.threshold(event), String(threshold))
    }
    const before = thresholds
    thresholds = new Set(set.keys())
    for (const [topic, threshold] of set) publish(topic, threshold)
    return [...before].filter(topic => !thresholds.has(topic))
  }
  return {
    knows: (camera, event) =>
      event === undefined ? current.has(camera) : (current.get(camera)?.includes(event) ?? false),
    owns: topic => own.has(topic) || devices.has(topic),
    announces: devices.has,
    removeOldComponents: devices.removeOldComponents,
    declare: (watched, details = NO_DETAILS) => {
      const before = current
      current = new Map(Object.entries(watched))
      own = new Set([...current].flatMap(([camera, events]) => ownedTopics(topics, camera, events)))
      const events = [...new Set([...current.values()].flat())]

      for (const [camera, watches] of current) begin(camera, watches, before.get(camera))
      for (const [camera, watches] of current) publishSettings(camera, watches, details)
      const oldThresholds = publishThresholds(events, details)
      // Discovery is updated before topics are removed: no entity may read their empty payloads.
      for (const camera of before.keys()) if (!current.has(camera)) devices.retract(camera)
      devices.announce(null, bridgeDevice(events, details, options))
      for (const [camera, watches] of current) devices.announce(camera, cameraDevice(camera, watches, details, options))
      removeOld(before)
      for (const topic of oldThresholds) clear(topic)
      publishInfo({ schema_version: SCHEMA_VERSION, version, cameras: [...current.keys()], events })
    },
  }
}

/** The devices of Home Assistant discovery. */
function createDevices(
  { discoveryPrefix, topicPrefix }: AnnounceOptions,
  publish: (topic: string, payload: string) => void,
  clear: (topic: string) => void,
) {
  /** Topic → the device as last announced. */
  const devices = new Map<string, DiscoveryDevice>()
  const update = (topic: string, device: DiscoveryDevice) => {
    devices.set(topic, device)
    publish(topic, JSON.stringify(device))
  }
  return {
    has: (topic: string) => devices.has(topic),
    announce: (name: string | null, device: DiscoveryDevice) => {
      if (discoveryPrefix === null) return
      const topic = discoveryTopic(discoveryPrefix, topicPrefix, name)
      update(topic, withRemovedComponents(device, devices.get(topic) ?? null))
    },
    retract: (camera: string) => {
      if (discoveryPrefix === null) return
      const topic = discoveryTopic(discoveryPrefix, topicPrefix, camera)
      devices.delete(topic)
      clear(topic)
    },
    removeOldComponents: (topic: string, earlier: DiscoveryDevice) => {
      const device = devices.get(topic)
      const merged = device && withRemovedComponents(device, earlier)
      if (merged !== undefined && merged !== device) update(topic, merged)
    },
  }
}

/** Removes a retained topic from the broker with an empty message. */
export function clearRetained(retained: RetainedTopics, topic: string): void {
  retained.set(topic, '', { keep: false })
}

/**
 * Topics whose value of an earlier run may stay. A camera's status is not among them: it is outdated, and a disabled camera
 * publishes none.
 */
function ownedTopics(topics: Topics, camera: string, events: readonly string[]): string[] {
  return [
    topics.availability(camera),
    topics.enabled(camera),
    ...events.flatMap(event => eventTopics(topics, camera, event)),
  ]
}

function cameraTopics(topics: Topics, camera: string): string[] {
  return [topics.availability(camera), topics.status(camera), topics.enabled(camera)]
}

/** The state comes last: while it exists, an interrupted cleanup finds the others again. */
function eventTopics(topics: Topics, camera: string, event: string): string[] {
  return [
    topics.snapshot(camera, event),
    topics.crop(camera, event),
    topics.attributes(camera, event),
    topics.calibration(camera, event),
    topics.eventEnabled(camera, event),
    topics.state(camera, event),
  ]
}

function onOff(isOn: boolean): 'ON' | 'OFF' {
  return isOn ? 'ON' : 'OFF'
}
