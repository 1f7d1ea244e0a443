/**
 * Finds the message that makes a broker hang up. With 3.1.1 a broker that does not take a message (too large, a topic that
 * is forbidden) can only close the connection: the same message, first on the next connection, would end that one too.
 */

export interface Packet {
  readonly topic: string
  readonly bytes: number
}

export interface RejectionTracker {
  /** It was in flight when a connection ended: it is to be sent alone, so that the next loss can be told. */
  has(packet: Packet): boolean
  /** Why it is not to be sent: larger than what the broker seems to take, or on a topic that it seems to refuse. */
  verdict(packet: Packet): 'too-large' | 'refused' | null
  acknowledged(packet: Packet): void
  /**
   * The connection ended with these in flight.
   * @returns what is not sent from now on
   */
  lost(inFlight: readonly Packet[]): readonly Packet[]
}

/** Losses with it in flight, at the last one alone, until its size is taken for the reason, and until its topic is. */
const SIZE_STRIKES = 2
const TOPIC_STRIKES = 3
/** Bytes. No broker is set to less, and a wrong verdict on a small message would silence all of them. */
const SMALLEST_LIMIT = 1024
/** A broker's settings change: later it is tried again, which costs a connection or two. */
const SIZE_MS = 60 * 60_000
const TOPIC_MS = 10 * 60_000

/** @param now ms on a steady clock */
export function createRejectionTracker(now: () => number = () => performance.now()): RejectionTracker {
  const strikes = new Map<string, number>()
  /** Topic → until when it is not sent. */
  const refused = new Map<string, number>()
  let largestTaken = 0
  let maxBytes = Number.POSITIVE_INFINITY
  let maxUntil = 0

  /** What is no larger than what the broker has taken is not refused for its size. */
  const isLarge = ({ bytes }: Packet) => bytes > Math.max(largestTaken, SMALLEST_LIMIT)
  const isGuilty = (packet: Packet) => {
    const count = strikes.get(packet.topic) ?? 0
    if (!isLarge(packet)) return count >= TOPIC_STRIKES
    // Once it is known that there is a limit, one loss tells that it is lower.
    return count >= SIZE_STRIKES || maxBytes < Number.POSITIVE_INFINITY
  }
  const judge = (packet: Packet) => {
    strikes.delete(packet.topic)
    if (isLarge(packet)) {
      maxBytes = packet.bytes - 1
      maxUntil = now() + SIZE_MS
    } else refused.set(packet.topic, now() + TOPIC_MS)
  }
  return {
    has: ({ topic }) => strikes.has(topic),
    verdict: ({ topic, bytes }) => {
      if (now() > maxUntil) maxBytes = Number.POSITIVE_INFINITY
      if (bytes > maxBytes) return 'too-large'
      const until = refused.get(topic)
      if (until !== undefined && now() > until) refused.delete(topic)
      return refused.has(topic) ? 'refused' : null
    },
    acknowledged: ({ topic, bytes }) => {
      strikes.delete(topic)
      largestTaken = Math.max(largestTaken, bytes)
    },
    lost: inFlight => {
      for (const { topic } of inFlight) strikes.set(topic, (strikes.get(topic) ?? 0) + 1)
      const [packet, ...others] = inFlight
      if (packet === undefined || others.length > 0 || !isGuilty(packet)) return []
      judge(packet)
      return [packet]
    },
  }
}
