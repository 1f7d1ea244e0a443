/** Removes from the broker what an earlier run left there of cameras, events and watchdogs that no longer exist. */

import { z } from 'zod'
import { parseJson } from '../../util/parseJson.ts'
import { type Announcer, remove } from './announce.ts'
import type { Connection } from './connection.ts'
import type { DiscoveryDevice } from './discovery.ts'
import type { RetainedTopics } from './retained.ts'
import type { Topics } from './topics.ts'

export interface SweepOptions {
  readonly topics: Topics
  /** null: discovery is off, and what it left is not looked for. */
  readonly discoveryPrefix: string | null
  readonly retained: RetainedTopics
  readonly announcer: Announcer
}

/** Call it before anything is published on the connection: the broker then sends what it had before. */
export async function sweep(connection: Connection, options: SweepOptions): Promise<void> {
  const { topics, discoveryPrefix, retained, announcer } = options
  const discovery = discoveryPrefix === null ? [] : [`${discoveryPrefix}/device/+/config`]
  // Brokers answer in this order: a device leaves Home Assistant before the topics that its entities read.
  await connection.recall([...discovery, ...topics.held], (topic, payload) => {
    if (payload.length === 0) return
    if (discoveryPrefix !== null && topic.startsWith(`${discoveryPrefix}/`)) {
      const device = readDevice(payload, topics)
      if (device === null) return
      if (announcer.owns(topic)) announcer.recall(topic, device)
      else remove(retained, topic)
      return
    }
    if (announcer.owns(topic) || retained.keeps(topic) || !isHeld(topics, topic)) return
    const picture = topics.snapshotOfState(topic)
    if (picture !== null) remove(retained, picture)
    remove(retained, topic)
  })
}

/** Messages of the connection's other subscriptions arrive here as well. */
function isHeld({ held }: Topics, topic: string): boolean {
  const levels = topic.split('/')
  return held.some(filter => {
    const wanted = filter.split('/')
    return wanted.length === levels.length && wanted.every((level, place) => level === '+' || level === levels[place])
  })
}

const ANNOUNCED = z.object({
  availability: z.array(z.object({ topic: z.string() })),
  components: z.record(z.string(), z.looseObject({ platform: z.string() })),
})

/** A device that this prefix announced; null for any other, such as another Watchword's. */
function readDevice(payload: Buffer, topics: Topics): DiscoveryDevice | null {
  const device = ANNOUNCED.safeParse(parseJson(payload.toString('utf8'))).data
  return device?.availability.some(({ topic }) => topic === topics.bridgeState) ? device : null
}
