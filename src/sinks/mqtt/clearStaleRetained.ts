/** Removes retained topics of cameras, events and health checks that an earlier run published and the config no longer has. */

import { type Announcer, clearRetained } from './announcer.ts'
import type { Connection } from './connection.ts'
import { createOwnership } from './ownership.ts'
import type { RetainedTopics } from './retainedTopics.ts'
import type { Topics } from './topics.ts'

export interface ClearStaleRetainedOptions {
  readonly topics: Topics
  /** null: discovery is off, and discovery topics are not searched. */
  readonly discoveryPrefix: string | null
  readonly retained: RetainedTopics
  readonly announcer: Announcer
}

/** Topics that are remembered; a broker may hold any number of topics of other programs. */
const MOST_TOPICS = 10_000

/**
 * Must be called before anything is published on the connection, so that the broker sends the values of the earlier run.
 * Other programs may use the same prefix: a topic is removed only when a message of an earlier run names it.
 * @returns `silent`: the broker sent no message at all, not even those published meanwhile. `cut-off`: the connection ended.
 */
export async function clearStaleRetained(
  connection: Connection,
  options: ClearStaleRetainedOptions,
): Promise<'done' | 'silent' | 'cut-off'> {
  const { topics, discoveryPrefix, retained, announcer } = options
  const ownership = createOwnership(topics)
  const found = new Set<string>()
  const devices = new Set<string>()
  let hasMessage = false
  const discovery = discoveryPrefix === null ? [] : [`${discoveryPrefix}/device/+/config`]
  const filters = [topics.bridgeState, topics.bridgeInfo, ...topics.retainedFilters, ...discovery]
  const isComplete = await connection.readRetained(filters, (topic, payload, { isRetained }) => {
    hasMessage = true
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
    if (!isCurrent && isRetainedTopic(topics, topic) && found.size < MOST_TOPICS) found.add(topic)
  })
  if (!isComplete) return 'cut-off'
  // Devices first: Home Assistant must not read topics that were removed.
  for (const topic of devices) if (!announcer.owns(topic)) clearRetained(retained, topic)
  for (const topic of [...found].filter(ownership.isOurs)) {
    // It may have been published meanwhile.
    if (announcer.owns(topic) || retained.keeps(topic)) continue
    // The images go before the state: while the state is there, an interrupted cleanup finds all of them again.
    for (const image of topics.imagesOfState(topic)) clearRetained(retained, image)
    clearRetained(retained, topic)
  }
  return hasMessage || !retained.isSettled(topics.bridgeState) ? 'done' : 'silent'
}

/** The listener also gets the messages of the connection's other subscriptions. */
function isRetainedTopic({ retainedFilters }: Topics, topic: string): boolean {
  const levels = topic.split('/')
  return retainedFilters.some(filter => {
    const wanted = filter.split('/')
    return wanted.length === levels.length && wanted.every((level, place) => level === '+' || level === levels[place])
  })
}
