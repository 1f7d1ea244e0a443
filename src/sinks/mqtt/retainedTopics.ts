/**
 * Retained topics: the latest value wins, and all of them are sent again on every connection. Topics are sent in the order
 * in which they changed. On a new connection `last` follows all others: a reader that waits for it finds no value of an
 * earlier run.
 */

import type { Connection } from './connection.ts'

export interface RetainedTopics {
  /** `keep: false`: sent once and then dropped from memory, for large payloads and for empty ones. */
  set(topic: string, payload: string | Uint8Array, options?: { keep: boolean }): void
  /** Whether this topic has a value that is sent on every connection. */
  keeps(topic: string): boolean
  /** Whether the broker has acknowledged or refused the latest value of this topic. */
  isSettled(topic: string): boolean
  /** From now on all topics go to this connection; kept values are sent again. */
  connect(connection: Connection): void
  /** Sends kept values again on this connection: topics that `isFirst` accepts before the others. */
  resend(isFirst: (topic: string) => boolean): void
  /** Resolves when no message waits, or when the connection ended. */
  flush(): Promise<void>
}

/** Messages in flight at once; Mosquitto allows a client 20, and the outbox needs some of them. */
const WINDOW = 8

/** ms after which a topic is sent again when the broker is busy; doubled each time up to the longest. */
const BUSY_MS = 2000
const LONGEST_BUSY_MS = 60_000

interface Topic {
  payload: string | Uint8Array
  keep: boolean
  dirty: boolean
  sending: boolean
  /** Busy answers in a row. */
  busy: number
  retry: NodeJS.Timeout | null
}

/** @param last the topic that shows that the other values are current: `bridge/state` */
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
    // The next connection sends it. A refused or too large message would be rejected on this connection again.
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
      // A waiting topic keeps its place: a topic that was set later must not overtake it.
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
