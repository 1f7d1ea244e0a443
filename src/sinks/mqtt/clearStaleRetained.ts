/** Removes from the broker what an earlier run left there of cameras, events and healthChecks that are no longer in the config. */

import { type Announcer, clearRetained } from './announcer.ts'
import type { Connection } from './connection.ts'
import { createOwnership } from './ownership.ts'
import type { RetainedTopics } from './retainedTopics.ts'
import type { Topics } from './topics.ts'

export interface ClearStaleRetainedOptions {
  readonly topics: Topics
  /** null: discovery is off, and what it left is not looked for. */
  readonly discoveryPrefix: string | null
  readonly retained: RetainedTopics
  readonly announcer: Announcer
}

/** Topics that are looked at; a broker may hold any number of foreign ones. */
const MOST_TOPICS = 10_000

/**
 * To be begun before anything is published on the connection: then the broker sends what it had before. Other programs may
 * use the same prefix: a topic is removed only when something that an earlier run published names it.
 * @returns `silent`: the broker sent nothing at all, not even what was published meanwhile. `cut-off`: the connection ended.
 */
export async function clearStaleRetained(
  connection: Connection,
  options: ClearStaleRetainedOptions,
): Promise<'done' | 'silent' | 'cut-off'> {
  const { topics, discoveryPrefix, retained, announcer } = options
  const ownership = createOwnership(topics)
  const found = new Set<string>()
  const devices = new Set<string>()
  let isHeard = false
  const discovery = discoveryPrefix === null ? [] : [`${discoveryPrefix}/device/+/config`]
  const filters = [topics.bridgeState, topics.bridgeInfo, ...topics.held, ...discovery]
  const isWhole = await connection.readRetained(filters, (topic, payload, { isRetained }) => {
    isHeard = true
    if (!isRetained || payload.length === 0) return
    if (discoveryPrefix !== null && topic.startsWith(`${discoveryPrefix}/`)) {
      const device = ownership.readDevice(payload)
      if (device === null) return
      if (announcer.owns(topic)) announcer.removeOldComponents(topic, device)
      else devices.add(topic)
      return
    }
    ownership.learn(topic, payload)
    const isCurrent = announcer.owns(topic) || retained.keeps(topic)
    if (!isCurrent && isHeld(topics, topic) && found.size < MOST_TOPICS) found.add(topic)
  })
  if (!isWhole) return 'cut-off'
  // Devices first: Home Assistant must not read topics that are gone.
  for (const topic of devices) if (!announcer.owns(topic)) clearRetained(retained, topic)
  for (const topic of [...found].filter(ownership.isOurs)) {
    // It may have been published meanwhile.
    if (announcer.owns(topic) || retained.keeps(topic)) continue
    // The picture goes before the state: while that is there, a sweep that was cut short finds it again.
    const picture = topics.snapshotOfState(topic)
    if (picture !== null) clearRetained(retained, picture)
    clearRetained(retained, topic)
  }
  return isHeard || !retained.isSettled(topics.bridgeState) ? 'done' : 'silent'
}

/** All messages of a connection pass here, those of its other subscriptions too. */
function isHeld({ held }: Topics, topic: string): boolean {
  const levels = topic.split('/')
  return held.some(filter => {
    const wanted = filter.split('/')
    return wanted.length === levels.length && wanted.every((level, place) => level === '+' || level === levels[place])
  })
}
