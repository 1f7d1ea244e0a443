/** One connection to a broker, from CONNECT to its end. It never reconnects: `reconnectingClient.ts` does. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { MqttClient, OnMessageCallback } from 'mqtt'
import { applyConnack, type BrokerLimits } from './brokerLimits.ts'
import type { ConnectionOptions, ProtocolVersion } from './clientOptions.ts'
import { ConnectError } from './connectError.ts'
import { type Attempt, openClient } from './openClient.ts'
import { createPings } from './pings.ts'
import { createPublisher, type InFlight, type PublishResult } from './publisher.ts'
import { isTooMuchAtOnce, mayBlameMessage, QOS_NOT_SUPPORTED, RETAIN_NOT_SUPPORTED, reasonText } from './reasonCodes.ts'
import { createReporter, HUNG_UP, type Reporter } from './reporter.ts'

export type { PublishResult } from './publisher.ts'

export interface Connection {
  readonly protocol: ProtocolVersion
  /** Resolves when the broker has acknowledged or rejected the message, or the connection ended. Never rejects. */
  publish(topic: string, payload: string | Uint8Array, options: { retain: boolean }): Promise<PublishResult>
  /** Passes messages on `filter` to `onMessage`, except retained ones. */
  subscribe(filter: string, onMessage: (topic: string, payload: Buffer) => void): Promise<void>
  /**
   * Passes messages on `filters` to `onMessage` for a few seconds; the broker sends its retained ones first.
   * @returns false when the connection ended before that
   */
  readRetained(
    filters: readonly string[],
    onMessage: (topic: string, payload: Buffer, options: { isRetained: boolean }) => void,
  ): Promise<boolean>
  /** Resolves when the connection is over, with the reason or null after `end`. Never rejects. */
  readonly closed: Promise<ConnectError | null>
  /** Sends DISCONNECT, so that the last will is not published. Takes one second at most. */
  end(): Promise<void>
}

/** @throws ConnectError, also when the attempt is aborted */
export async function openConnection(options: ConnectionOptions, attempt: Attempt): Promise<Connection> {
  const { telemetry } = options
  const { protocol, limits } = attempt
  const { client, connack, closed, hangUp } = await openClient(options, attempt)
  applyConnack(limits, connack)
  const report = createReporter(limits, telemetry)
  report.limits()
  const pings = createPings(client)
  const publisher = createPublisher({ client, pings, limits, hangUp, report, answerMs: options.answerMs ?? ANSWER_MS })
  const over = closed.then(reason => {
    const lost = publisher.close()
    pings.close()
    return reason === null ? null : learnFrom(reason, { lost, limits, report })
  })
  return {
    protocol,
    closed: over,
    publish: async (topic, payload, { retain }) => {
      const result = await publisher.publish(topic, Buffer.from(payload), { retain })
      telemetry.emit({ type: 'MqttPublished', result })
      return result
    },
    subscribe: async (filter, onMessage) => {
      client.on('message', (topic, payload, packet) => {
        if (!packet.retain) onMessage(topic, payload)
      })
      await subscribe(client, [filter], report.refused)
    },
    readRetained: async (filters, onMessage) => {
      const listener: OnMessageCallback = (topic, payload, { retain }) =>
        onMessage(topic, payload, { isRetained: retain })
      client.on('message', listener)
      void subscribe(client, filters, report.refused).catch(() => undefined)
      // No packet marks the last retained message. The subscription must end, or the broker would return our own messages.
      const isComplete = await Promise.race([sleep(READ_RETAINED_MS, true, { ref: false }), over.then(() => false)])
      client.off('message', listener)
      if (isComplete) client.unsubscribe([...filters], () => undefined)
      return isComplete
    },
    end: async () => {
      hangUp(null)
      await over
    },
  }
}

/** A busy broker answers within seconds; a broker that has lost the message never does. */
const ANSWER_MS = 30_000

/** ms in which a broker sends its retained messages: they follow the SUBACK at once. */
const READ_RETAINED_MS = 5000

/**
 * Learns the broker's limits from the end of a connection and from the messages that were lost in flight.
 * @returns the reason; with the message that caused it, if known
 */
function learnFrom(
  reason: ConnectError,
  { lost, limits, report }: { lost: readonly InFlight[]; limits: BrokerLimits; report: Reporter },
): ConnectError {
  const { reasonCode: code, isUnexplained } = reason
  if (code === RETAIN_NOT_SUPPORTED) limits.retain = false
  if (code === QOS_NOT_SUPPORTED) limits.qos = 0
  if (code !== null && isTooMuchAtOnce(code)) limits.window = Math.max(1, Math.floor(limits.window / 2))
  if (!isUnexplained && (code === null || !mayBlameMessage(code))) return reason
  const [cause] = limits.rejections.lost(lost)
  if (cause === undefined) return reason
  report.refused(cause.topic, limits.rejections.verdict(cause) ?? 'refused', HUNG_UP)
  const { message, failure } = reason
  return new ConnectError(`${message}, at a message of ${cause.bytes} bytes on ${cause.topic}`, failure, {
    cause: reason,
  })
}

/** Reports a refusal. @throws Error when the connection has ended, or the broker refused */
async function subscribe(
  client: MqttClient,
  filters: readonly string[],
  onRefused: Reporter['refused'],
): Promise<void> {
  try {
    await client.subscribeAsync([...filters], { qos: 1 })
  } catch (error) {
    for (const [place, code] of grantedOf(error).entries())
      if (code >= 0x80) onRefused(filters[place] ?? '', 'refused', reasonText(code))
    throw error
  }
}

/** The reason codes of the SUBACK in the client's error, for which it exports no class; empty: the connection has ended. */
function grantedOf(error: unknown): readonly number[] {
  const packet = error instanceof Error && 'packet' in error ? error.packet : undefined
  const granted = typeof packet === 'object' && packet !== null && 'granted' in packet ? packet.granted : []
  return Array.isArray(granted) ? granted.map(Number) : []
}
