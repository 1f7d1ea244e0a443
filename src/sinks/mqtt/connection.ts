/** One connection to a broker, from CONNECT to its end. It never reconnects: `link.ts` owns that policy. */

import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, ErrorWithReasonCode, type IClientOptions, type MqttClient, type OnMessageCallback } from 'mqtt'
import type { Telemetry } from '../../telemetry/happenings.ts'
import { messageOf } from '../../util/errors.ts'
import { ConnectError, connectErrorOf, disconnectErrorOf } from './connectError.ts'

export type ProtocolVersion = 4 | 5

export interface ConnectionOptions {
  /** mqtt://, mqtts://, ws:// or wss://, without user and password. */
  readonly url: string
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  /** true: the broker's certificate is not checked. */
  readonly insecure: boolean
  readonly will: { readonly topic: string; readonly payload: string }
  /** ms until a broker that does not answer is given up. */
  readonly connectTimeoutMs: number
  readonly telemetry: Telemetry
}

/** `failed`: the connection ended first. `refused`: the broker does not want it, and would not the next time either. */
export type PublishResult = 'acknowledged' | 'failed' | 'refused'

export interface Connection {
  readonly protocol: ProtocolVersion
  /** With QoS 1; resolves at the PUBACK. Never rejects. */
  publish(topic: string, payload: string | Uint8Array, options: { retain: boolean }): Promise<PublishResult>
  /** Messages on `filter` go to `onMessage`, retained ones left out. */
  subscribe(filter: string, onMessage: (topic: string, payload: Buffer) => void): Promise<void>
  /** What the broker holds retained on `filters` at this moment goes to `onRetained`. Resolves when no more is awaited. */
  recall(filters: readonly string[], onRetained: (topic: string, payload: Buffer) => void): Promise<void>
  /** Resolves when the connection is over, with the reason or null after `end`. Never rejects. */
  readonly closed: Promise<ConnectError | null>
  /** Sends DISCONNECT: the last will is not published. */
  end(): Promise<void>
}

/** @throws ConnectError, also when `signal` aborts the attempt */
export async function openConnection(
  options: ConnectionOptions,
  protocol: ProtocolVersion,
  signal: AbortSignal,
): Promise<Connection> {
  const client = connect(options.url, clientOptions(options, protocol))
  const maxPacketBytes = await connected(client, protocol, signal)
  // Else a change that follows its picture waits until the broker's kernel has acknowledged that one: 40 ms (RFC 896).
  if (client.stream instanceof Socket) client.stream.setNoDelay(true)
  let reason: ConnectError | null = new ConnectError('connection closed by the broker', 'unreachable', { cause: null })
  let isDismissed = false
  client.on('disconnect', ({ reasonCode = 0 }) => {
    reason = disconnectErrorOf(reasonCode)
    isDismissed = true
  })
  client.on('error', error => {
    // What could not be written to who has hung up is not why.
    if (!isDismissed) reason = connectErrorOf(error)
  })
  const closed = new Promise<ConnectError | null>(resolve => {
    client.once('close', () => {
      // Fails every publish that still waits for its PUBACK: nothing of it may be sent on a later connection.
      client.end(true)
      resolve(reason)
    })
  })
  return {
    protocol,
    closed,
    publish: async (topic, payload, { retain }) => {
      const result = await publish(client, { topic, payload: Buffer.from(payload), retain, maxPacketBytes }).catch(
        error => (isRefusal(error) ? refused(options.telemetry, topic, messageOf(error)) : 'failed'),
      )
      options.telemetry.emit({ type: 'MqttPublished', result })
      return result
    },
    subscribe: async (filter, onMessage) => {
      client.on('message', (topic, payload, packet) => {
        if (!packet.retain) onMessage(topic, payload)
      })
      await subscribe(client, [filter], options.telemetry)
    },
    recall: async (filters, onRetained) => {
      const onMessage: OnMessageCallback = (topic, payload, packet) => {
        if (packet.retain) onRetained(topic, payload)
      }
      client.on('message', onMessage)
      await subscribe(client, filters, options.telemetry)
      // No packet says that this was the last one. Staying subscribed would bring back all that we publish ourselves.
      await Promise.race([sleep(RECALL_MS, undefined, { ref: false }), closed])
      client.off('message', onMessage)
      await client.unsubscribeAsync([...filters])
    },
    end: async () => {
      reason = null
      // A broker that has gone silent would be waited for until the keepalive runs out.
      await Promise.race([client.endAsync(), sleep(END_MS, undefined, { ref: false })])
      client.end(true)
    },
  }
}

/** ms in which a broker has sent what it holds: it comes right behind the SUBACK. */
const RECALL_MS = 5000

/** ms for the DISCONNECT to leave. */
const END_MS = 1000

/** MQTT 5 section 2.1: what the fixed header and the properties may add to topic and payload. */
const PACKET_OVERHEAD = 64

async function publish(
  client: MqttClient,
  {
    topic,
    payload,
    retain,
    maxPacketBytes,
  }: { topic: string; payload: Buffer; retain: boolean; maxPacketBytes: number },
): Promise<PublishResult> {
  // A broker hangs up on a packet above its limit: sending it again after each reconnect would never end.
  if (payload.length + Buffer.byteLength(topic) + PACKET_OVERHEAD > maxPacketBytes)
    throw new ErrorWithReasonCode(`larger than the ${maxPacketBytes} bytes that the broker takes`, 0x95)
  await client.publishAsync(topic, payload, { qos: 1, retain })
  return 'acknowledged'
}

/** A refusal is told. @throws Error when there is no connection any more, or it was refused */
async function subscribe(client: MqttClient, filters: readonly string[], telemetry: Telemetry): Promise<void> {
  try {
    await client.subscribeAsync([...filters], { qos: 1 })
  } catch (error) {
    // SUBACK, 3.1.1 section 3.9.3 and MQTT 5 section 3.9.3; the client exports no class for it.
    const isRefused = error instanceof Error && error.name === 'ErrorWithSubackPacket'
    if (isRefused) telemetry.emit({ type: 'MqttRefused', topic: filters.join(' '), error: messageOf(error) })
    throw error
  }
}

/** A reason code of a PUBACK, MQTT 5 section 3.4.2.1; 3.1.1 knows no refusal. */
function isRefusal(error: unknown): boolean {
  return error instanceof ErrorWithReasonCode && error.code >= 0x80
}

function refused(telemetry: Telemetry, topic: string, error: string): PublishResult {
  telemetry.emit({ type: 'MqttRefused', topic, error })
  return 'refused'
}

function clientOptions(options: ConnectionOptions, protocolVersion: ProtocolVersion): IClientOptions {
  const { clientId, username, password, ca, cert, key, insecure, will, connectTimeoutMs } = options
  return {
    protocolVersion,
    clientId,
    clean: true,
    keepalive: 30,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    // QoS 0 is never sent, and the client's own queue for it has no bound.
    queueQoSZero: false,
    rejectUnauthorized: !insecure,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 0 } }),
  }
}

/** Waits for the CONNACK. */
function connected(client: MqttClient, protocol: ProtocolVersion, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    let failure: ConnectError | null = null
    const onAbort = () => fail(new ConnectError('given up', 'unreachable', { cause: signal.reason }))
    signal.addEventListener('abort', onAbort)
    const fail = (error: ConnectError) => {
      signal.removeEventListener('abort', onAbort)
      client.removeAllListeners()
      // An error that comes while the socket is torn down has no reader any more.
      client.on('error', () => undefined)
      client.end(true)
      reject(error)
    }
    client.once('connect', packet => {
      signal.removeEventListener('abort', onAbort)
      client.removeAllListeners()
      resolve(packet.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY)
    })
    client.on('error', error => {
      failure ??= connectErrorOf(error)
      fail(failure)
    })
    client.once('close', () =>
      // A 3.1.1-only broker answers a version it does not know by hanging up.
      fail(
        failure ??
          new ConnectError(`broker hung up on MQTT ${protocol === 5 ? '5' : '3.1.1'}`, 'protocol', { cause: null }),
      ),
    )
  })
}
