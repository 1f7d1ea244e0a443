/** Tells the broker which cameras and events there are: state before the first frame, discovery, and what is gone. */

import { SCHEMA_VERSION } from '../wire.ts'
import { type DiscoveryOptions, discoveryDevice, discoveryTopic } from './discovery.ts'
import type { RetainedTopics } from './retained.ts'

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
}

export function createAnnouncer(options: AnnounceOptions): Announcer {
  const { topics, topicPrefix, discoveryPrefix, retained, version, publishInfo } = options
  let current: Watched = {}
  /** An empty retained message removes a topic from the broker. */
  const remove = (topic: string) => retained.set(topic, '', { keep: false })

  const discover = (camera: string, payload: () => string) => {
    if (discoveryPrefix === null) return
    const text = payload()
    retained.set(discoveryTopic(discoveryPrefix, topicPrefix, camera), text, { keep: text !== '' })
  }
  const removeEvent = (camera: string, event: string) => {
    remove(topics.state(camera, event))
    remove(topics.attributes(camera, event))
    remove(topics.snapshot(camera, event))
  }
  const removeCamera = (camera: string, events: readonly string[]) => {
    for (const event of events) removeEvent(camera, event)
    remove(topics.availability(camera))
    remove(topics.status(camera))
    discover(camera, () => '')
  }
  const declareCamera = (camera: string, events: readonly string[], known: readonly string[] | undefined) => {
    const gone = known?.filter(event => !events.includes(event)) ?? []
    for (const event of gone) removeEvent(camera, event)
    if (known === undefined) retained.set(topics.availability(camera), 'offline')
    for (const event of events.filter(each => known?.includes(each) !== true))
      retained.set(topics.state(camera, event), 'OFF')
    discover(camera, () => JSON.stringify(discoveryDevice(camera, events, gone, options)))
  }
  return {
    knows: (camera, event) =>
      event === undefined ? Object.hasOwn(current, camera) : (current[camera]?.includes(event) ?? false),
    declare: watched => {
      const before = current
      current = watched
      for (const [camera, events] of Object.entries(before)) if (!(camera in watched)) removeCamera(camera, events)
      for (const [camera, events] of Object.entries(watched)) declareCamera(camera, events, before[camera])
      const events = [...new Set(Object.values(watched).flat())]
      publishInfo({ schema_version: SCHEMA_VERSION, version, cameras: Object.keys(watched), events })
    },
  }
}
