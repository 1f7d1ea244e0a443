/**
 * Finds the message after which a broker closes the connection. With MQTT 3.1.1 a broker that rejects a message (too large,
 * forbidden topic) can only close the connection; sent first on the next connection, the same message would end that one too.
 */

export interface Packet {
  readonly topic: string
  readonly bytes: number
}

export interface RejectionTracker {
  /** Its topic was in flight when a connection ended: send it alone, so that the next loss has one possible cause. */
  isSuspect(packet: Packet): boolean
  /** Why it must not be sent: larger than the broker seems to accept, or on a topic that it seems to refuse. */
  verdict(packet: Packet): 'too-large' | 'refused' | null
  acknowledged(packet: Packet): void
  /**
   * The connection ended with these packets in flight.
   * @returns the packets that are not sent from now on
   */
  lost(inFlight: readonly Packet[]): readonly Packet[]
}

/** Lost connections, the last one with this packet alone in flight, until its size (or its topic) counts as the cause. */
const SIZE_STRIKES = 2
const TOPIC_STRIKES = 3
/** Bytes. No broker has a lower limit, and a wrong verdict on a small message would block all messages. */
const SMALLEST_LIMIT = 1024
/** A broker's settings may change: after this time the message is tried again, which costs one or two connections. */
const SIZE_MS = 60 * 60_000
const TOPIC_MS = 10 * 60_000

/** @param now ms on a steady clock */
export function createRejectionTracker(now: () => number = () => performance.now()): RejectionTracker {
  const strikes = new Map<string, number>()
  /** Topic → time until which it is not sent. */
  const refused = new Map<string, number>()
  let largestAccepted = 0
  let maxBytes = Number.POSITIVE_INFINITY
  let maxUntil = 0

  /** A packet that is no larger than an accepted one is not refused for its size. */
  const isLarge = ({ bytes }: Packet) => bytes > Math.max(largestAccepted, SMALLEST_LIMIT)
  const isCause = (packet: Packet) => {
    const count = strikes.get(packet.topic) ?? 0
    if (!isLarge(packet)) return count >= TOPIC_STRIKES
    // Once a limit is known, one more loss shows that it is lower.
    return count >= SIZE_STRIKES || maxBytes < Number.POSITIVE_INFINITY
  }
  const block = (packet: Packet) => {
    strikes.delete(packet.topic)
    if (isLarge(packet)) {
      maxBytes = packet.bytes - 1
      maxUntil = now() + SIZE_MS
    } else refused.set(packet.topic, now() + TOPIC_MS)
  }
  return {
    isSuspect: ({ topic }) => strikes.has(topic),
    verdict: ({ topic, bytes }) => {
      if (now() > maxUntil) maxBytes = Number.POSITIVE_INFINITY
      if (bytes > maxBytes) return 'too-large'
      const until = refused.get(topic)
      if (until !== undefined && now() > until) refused.delete(topic)
      return refused.has(topic) ? 'refused' : null
    },
    acknowledged: ({ topic, bytes }) => {
      strikes.delete(topic)
      largestAccepted = Math.max(largestAccepted, bytes)
    },
    lost: inFlight => {
      for (const { topic } of inFlight) strikes.set(topic, (strikes.get(topic) ?? 0) + 1)
      const [packet, ...others] = inFlight
      if (packet === undefined || others.length > 0 || !isCause(packet)) return []
      block(packet)
      return [packet]
    },
  }
}
