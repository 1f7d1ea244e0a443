/** Retained topics: the latest value wins, and all of them are sent again on every connection. */

import type { Connection } from './connection.ts'

export interface RetainedTopics {
  /** `keep: false`: sent once and then forgotten, for payloads that are too big to hold. */
  set(topic: string, payload: string | Uint8Array, options?: { keep: boolean }): void
  /** This topic has a value that is sent on every connection. */
  keeps(topic: string): boolean
  /** From now on everything goes here; what is kept is sent again. */
  connect(connection: Connection): void
  /** Resolves when nothing waits, or when the connection ended. */
  flush(): Promise<void>
}

/** In flight at once; brokers allow a client 20 (Mosquitto) and the outbox needs some of them. */
const WINDOW = 8

interface Topic {
  payload: string | Uint8Array
  keep: boolean
  dirty: boolean
  sending: boolean
}

export function createRetainedTopics(): RetainedTopics {
  const topics = new Map<string, Topic>()
  const sending = new Set<Promise<void>>()
  let connection: Connection | null = null

  const send = async (name: string, topic: Topic, to: Connection) => {
    topic.dirty = false
    topic.sending = true
    const result = await to.publish(name, topic.payload, { retain: true })
    topic.sending = false
    // Failed: the next connection sends it. Refused: asking again on this one would get the same answer.
    if (result === 'failed') topic.dirty = true
    else if (!topic.dirty && !topic.keep) topics.delete(name)
    if (result === 'failed' && connection === to) connection = null
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
  return {
    set: (name, payload, { keep } = { keep: true }) => {
      const topic = topics.get(name)
      if (topic === undefined) topics.set(name, { payload, keep, dirty: true, sending: false })
      else Object.assign(topic, { payload, keep, dirty: true })
      pump()
    },
    keeps: topic => topics.get(topic)?.keep === true,
    connect: to => {
      connection = to
      for (const topic of topics.values()) topic.dirty = true
      pump()
    },
    flush: async () => {
      while (sending.size > 0) await Promise.race(sending)
    },
  }
}
