/** Publishes messages on one connection, within the broker's limits, each with a deadline for its acknowledgement. */

import { ErrorWithReasonCode, type MqttClient } from 'mqtt'
import type { BrokerLimits } from './brokerLimits.ts'
import { ConnectError } from './connectError.ts'
import type { Pings } from './pings.ts'
import { QOS_NOT_SUPPORTED, RETAIN_NOT_SUPPORTED, type Refusal, reasonText, refusalOf } from './reasonCodes.ts'
import type { Packet } from './rejectionTracker.ts'
import { HUNG_UP, type Reporter } from './reporter.ts'

/**
 * `failed`: the connection ended first. `busy`: a later attempt may succeed. `refused`: the broker will not accept the message
 * on this connection. `too-large`: the broker accepts only smaller messages.
 */
export type PublishResult = 'acknowledged' | 'failed' | Refusal

export interface PublisherOptions {
  readonly client: MqttClient
  readonly pings: Pings
  readonly limits: BrokerLimits
  /** Ends the connection. */
  readonly hangUp: (reason: ConnectError) => void
  readonly report: Reporter
  /** ms for the acknowledgement of a message, plus the time that the bytes before it take. */
  readonly answerMs: number
}

export interface Publisher {
  publish(topic: string, payload: Buffer, options: { retain: boolean }): Promise<PublishResult>
  /** The connection has ended: no more messages are sent. @returns the messages that were in flight */
  close(): readonly InFlight[]
}

export interface InFlight extends Packet {
  readonly retain: boolean
}

/** Bytes per second of the slowest network for which the deadline allows. */
const SLOWEST_NETWORK = 2048
/** Bytes that the fixed header and the properties may add to topic and payload, MQTT 5 section 2.1. */
const PACKET_OVERHEAD = 64

interface Waiting extends InFlight {
  readonly send: () => void
  readonly fail: () => void
}

export function createPublisher({ client, pings, limits, hangUp, report, answerMs }: PublisherOptions): Publisher {
  const inFlight = new Set<Waiting>()
  const waiting: Waiting[] = []
  const withDeadline = createDeadline(answerMs, hangUp)
  let isOver = false

  const { isSuspect } = limits.rejections
  /** A packet that may have ended a connection is sent last and alone, so that the next loss has one possible cause. */
  const next = (): Waiting | undefined => {
    if (inFlight.size >= limits.window || [...inFlight].some(isSuspect)) return undefined
    const trusted = waiting.find(packet => !isSuspect(packet))
    if (trusted !== undefined || inFlight.size > 0) return trusted
    return [...waiting].sort((a, b) => a.bytes - b.bytes)[0]
  }
  const pump = () => {
    for (let packet = next(); packet !== undefined; packet = next()) {
      waiting.splice(waiting.indexOf(packet), 1)
      inFlight.add(packet)
      packet.send()
    }
  }
  const attempt = async (packet: Packet, payload: Buffer, retain: boolean): Promise<PublishResult> => {
    const form = { qos: limits.qos, retain: retain && limits.retain }
    try {
      await client.publishAsync(packet.topic, payload, form)
      if (form.qos === 0) await pings.roundTrip()
      return 'acknowledged'
    } catch (error) {
      // The reason code of a PUBACK, MQTT 5 section 3.4.2.1; MQTT 3.1.1 has no refusals.
      if (!(error instanceof ErrorWithReasonCode) || error.code < 0x80) return 'failed'
      if (!learnLimit(limits, error.code, form))
        return refuse(packet.topic, refusalOf(error.code), reasonText(error.code))
      report.limits()
      return attempt(packet, payload, retain)
    }
  }
  const refuse = (topic: string, refusal: Refusal, error: string): Refusal => {
    report.refused(topic, refusal, error)
    return refusal
  }
  return {
    publish: async (topic, payload, { retain }) => {
      const bytes = payload.length + Buffer.byteLength(topic) + PACKET_OVERHEAD
      if (isOver) return 'failed'
      if (bytes > limits.maxPacketBytes)
        return refuse(topic, 'too-large', `larger than the ${limits.maxPacketBytes} bytes that the broker accepts`)
      const verdict = limits.rejections.verdict({ topic, bytes })
      if (verdict !== null) return refuse(topic, verdict, HUNG_UP)
      let packet: Waiting | null = null
      const result = await new Promise<PublishResult>(resolve => {
        packet = {
          ...{ topic, bytes, retain },
          send: () => void withDeadline(bytes, () => attempt({ topic, bytes }, payload, retain)).then(resolve),
          fail: () => resolve('failed'),
        }
        waiting.push(packet)
        pump()
      })
      if (isOver) return result
      if (packet !== null) inFlight.delete(packet)
      if (result === 'acknowledged') {
        limits.rejections.acknowledged({ topic, bytes })
        report.accepted(topic)
      }
      pump()
      return result
    },
    close: () => {
      isOver = true
      const lost = [...inFlight]
      for (const { fail } of [...waiting.splice(0), ...lost]) fail()
      return lost
    },
  }
}

/** The broker rejected the retain flag or the QoS of this message: later ones go without it. @returns whether so */
function learnLimit(limits: BrokerLimits, code: number, form: { qos: 0 | 1; retain: boolean }): boolean {
  if (code === RETAIN_NOT_SUPPORTED && form.retain) limits.retain = false
  else if (code === QOS_NOT_SUPPORTED && form.qos === 1) limits.qos = 0
  else return false
  return true
}

/** Ends the connection when a message is not acknowledged in time. */
function createDeadline(answerMs: number, hangUp: PublisherOptions['hangUp']) {
  /** Bytes that are not acknowledged yet. */
  let unacknowledged = 0
  return async (bytes: number, attempt: () => Promise<PublishResult>): Promise<PublishResult> => {
    unacknowledged += bytes
    const timeoutMs = answerMs + (1000 * unacknowledged) / SLOWEST_NETWORK
    const deadline = setTimeout(() => {
      const error = `the broker has not answered a message within ${Math.round(timeoutMs / 1000)} s`
      hangUp(new ConnectError(error, 'unreachable', { cause: null }))
    }, timeoutMs)
    const result = await attempt()
    clearTimeout(deadline)
    unacknowledged -= bytes
    return result
  }
}
