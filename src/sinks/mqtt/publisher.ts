/** Publishes on one connection: no more at once than the broker takes, in the form it takes, each with a deadline. */

import { ErrorWithReasonCode, type MqttClient } from 'mqtt'
import type { BrokerLimits } from './brokerLimits.ts'
import { ConnectError } from './connectError.ts'
import type { Pings } from './pings.ts'
import { QOS_NOT_SUPPORTED, RETAIN_NOT_SUPPORTED, type Refusal, reasonText, refusalOf } from './reasonCodes.ts'
import type { Packet } from './rejectionTracker.ts'
import { HUNG_UP, type Reporter } from './reporter.ts'

/**
 * `failed`: the connection ended first. `busy`: not now; later perhaps. `refused`: not in this form and not later on this
 * connection. `too-large`: the broker takes smaller messages only.
 */
export type PublishResult = 'acknowledged' | 'failed' | Refusal

export interface PublisherOptions {
  readonly client: MqttClient
  readonly pings: Pings
  readonly limits: BrokerLimits
  /** Ends the connection. */
  readonly hangUp: (reason: ConnectError) => void
  readonly report: Reporter
  /** ms for the answer to a message, beside the time that the bytes before it take. */
  readonly answerMs: number
}

export interface Publisher {
  publish(topic: string, payload: Buffer, options: { retain: boolean }): Promise<PublishResult>
  /** The connection is over: nothing more is sent. Gives what was in flight. */
  close(): readonly InFlight[]
}

export interface InFlight extends Packet {
  readonly retain: boolean
}

/** Bytes a second of the slowest link that is waited for. */
const SLOWEST_LINK = 2048
/** MQTT 5 section 2.1: what the fixed header and the properties may add to topic and payload. */
const PACKET_OVERHEAD = 64

interface Waiting extends InFlight {
  readonly send: () => void
  readonly fail: () => void
}

export function createPublisher({ client, pings, limits, hangUp, report, answerMs }: PublisherOptions): Publisher {
  const inFlight = new Set<Waiting>()
  const waiting: Waiting[] = []
  let isOver = false
  /** Bytes whose answer is awaited. */
  let awaited = 0

  const isSuspect = (packet: Packet) => limits.rejections.has(packet)
  /** What ended a connection goes last and alone: when the next one ends as well, it is known why. */
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
      // Of a PUBACK, MQTT 5 section 3.4.2.1; 3.1.1 knows no refusal.
      if (!(error instanceof ErrorWithReasonCode) || error.code < 0x80) return 'failed'
      const isNew = learn(error.code, form)
      if (!isNew) return refuse(packet.topic, refusalOf(error.code), reasonText(error.code))
      report.limits()
      return attempt(packet, payload, retain)
    }
  }
  /** Whether the broker said so of a feature that was used and can be left out. */
  const learn = (code: number, form: { qos: 0 | 1; retain: boolean }): boolean => {
    if (code === RETAIN_NOT_SUPPORTED && form.retain) limits.retain = false
    else if (code === QOS_NOT_SUPPORTED && form.qos === 1) limits.qos = 0
    else return false
    return true
  }
  const refuse = (topic: string, refusal: Refusal, error: string): Refusal => {
    report.refused(topic, refusal, error)
    return refusal
  }
  const inTime = async (bytes: number, attempted: () => Promise<PublishResult>): Promise<PublishResult> => {
    awaited += bytes
    const timeoutMs = answerMs + (1000 * awaited) / SLOWEST_LINK
    const deadline = setTimeout(() => {
      const error = `the broker has not answered a message within ${Math.round(timeoutMs / 1000)} s`
      hangUp(new ConnectError(error, 'unreachable', { cause: null }))
    }, timeoutMs)
    const result = await attempted()
    clearTimeout(deadline)
    awaited -= bytes
    return result
  }
  return {
    publish: async (topic, payload, { retain }) => {
      const bytes = payload.length + Buffer.byteLength(topic) + PACKET_OVERHEAD
      if (isOver) return 'failed'
      if (bytes > limits.maxPacketBytes)
        return refuse(topic, 'too-large', `larger than the ${limits.maxPacketBytes} bytes that the broker takes`)
      const verdict = limits.rejections.verdict({ topic, bytes })
      if (verdict !== null) return refuse(topic, verdict, HUNG_UP)
      let packet: Waiting | null = null
      const result = await new Promise<PublishResult>(resolve => {
        packet = {
          ...{ topic, bytes, retain },
          send: () => void inTime(bytes, () => attempt({ topic, bytes }, payload, retain)).then(resolve),
          fail: () => resolve('failed'),
        }
        waiting.push(packet)
        pump()
      })
      if (isOver) return result
      if (packet !== null) inFlight.delete(packet)
      if (result === 'acknowledged') {
        limits.rejections.acknowledged({ topic, bytes })
        report.taken(topic)
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
