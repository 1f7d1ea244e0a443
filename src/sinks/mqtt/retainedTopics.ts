/**
 * Retained topics: the latest value wins, and all of them are sent again on every connection. Topics are sent in the
 * order in which they changed, and `last` follows all others on a new connection: a reader that waits for it then finds
 * no value of an earlier run behind it.
 */

import type { Connection } from './connection.ts'

export interface RetainedTopics {
  /** `keep: false`: sent once and then forgotten, for payloads that are too big to hold and for empty ones. */
  set(topic: string, payload: string | Uint8Array, options?: { keep: boolean }): void
  /** This topic has a value that is sent on every connection. */
  keeps(topic: string): boolean
  /** The broker has acknowledged the latest value of this topic, or refused it. */
  isSettled(topic: string): boolean
  /** From now on everything goes here; what is kept is sent again. */
  connect(connection: Connection): void
  /** Sends what is kept again on this connection: topics that `isFirst` accepts before the others. */
  resend(isFirst: (topic: string) => boolean): void
  /** Resolves when nothing waits, or when the connection ended. */
  flush(): Promise<void>
}

/** In flight at once; brokers allow a client 20 (Mosquitto) and the outbox needs some of them. */
const WINDOW = 8

/** A topic that the broker does not take now is sent again after so long, then after twice that, up to the longest, ms. */
const BUSY_MS = 2000
const LONGEST_BUSY_MS = 60_000

interface Topic {
  payload: string | Uint8Array
  keep: boolean
  dirty: boolean
  sending: boolean
  /** How often in a row the broker was busy. */
  busy: number
  retry: NodeJS.Timeout | null
}

/** @param last the topic that says that the others hold, `bridge/state` */
export function createRetainedTopics(last: string | null = null): RetainedTopics {
  const topics = new Map<string, Topic>()
  const sending = new Set<Promise<void>>()
  let connection: Connection | null = null

  const send = async (name: string, topic: Topic, to: Connection) => {
    topic.dirty = false
    topic.sending = true
    const result = await to.publish(name, topic.payload, { retain: true })
    topic.sending = false
    if (result === 'failed' && connection === to) connection = null
    topic.busy = result === 'busy' ? topic.busy + 1 : 0
    if (result === 'busy' && !topic.dirty) retryLater(topic)
    // The next connection sends it. What was refused or is too large would be so again on this one.
    else if (result === 'failed') topic.dirty = true
    else if (!topic.dirty && !topic.keep) topics.delete(name)
  }
  const retryLater = (topic: Topic) => {
    const delay = Math.min(LONGEST_BUSY_MS, BUSY_MS * 2 ** (topic.busy - 1))
    topic.retry = setTimeout(() => {
      topic.retry = null
      topic.dirty = true
      pump()
    }, delay).unref()
  }
  const pump = () => {
    for (const [name, topic] of topics) {
      if (connection === null || sending.size >= WINDOW) return
      if (!topic.dirty || topic.sending) continue
      const sent = send(name, topic, connection).then(() => {
        sending.delete(sent)
        pump()
      })
      sending.add(sent)
    }
  }
  const moveToEnd = (name: string, topic: Topic) => {
    topics.delete(name)
    topics.set(name, topic)
  }
  const sendAgain = (isFirst: (topic: string) => boolean) => {
    const all = [...topics]
    for (const [name, topic] of all) if (!isFirst(name) && name !== last) moveToEnd(name, topic)
    for (const [name, topic] of all) if (name === last) moveToEnd(name, topic)
    for (const topic of topics.values()) topic.dirty = true
    pump()
  }
  return {
    set: (name, payload, { keep } = { keep: true }) => {
      const topic = topics.get(name) ?? { payload, keep, dirty: false, sending: false, busy: 0, retry: null }
      // What waits already keeps its place: what was set after it must not overtake it.
      if (!topic.dirty) moveToEnd(name, topic)
      Object.assign(topic, { payload, keep, dirty: true })
      pump()
    },
    keeps: topic => topics.get(topic)?.keep === true,
    isSettled: name => {
      const topic = topics.get(name)
      return topic !== undefined && !topic.dirty && !topic.sending && topic.retry === null
    },
    connect: to => {
      connection = to
      for (const topic of topics.values()) {
        if (topic.retry !== null) clearTimeout(topic.retry)
        Object.assign(topic, { busy: 0, retry: null })
      }
      sendAgain(() => false)
    },
    resend: sendAgain,
    flush: async () => {
      while (sending.size > 0) await Promise.race(sending)
    },
  }
}
