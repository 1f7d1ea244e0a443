/** The mqtt library's options for one connection. */

import type { IClientOptions } from 'mqtt'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { BrokerLimits } from './brokerLimits.ts'

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
  /** ms that the broker has to answer the CONNECT. */
  readonly connectTimeoutMs: number
  /** ms that a message may wait for its acknowledgement, plus the time that the bytes before it take. Default: 30 s. */
  readonly answerMs?: number
  readonly telemetry: Telemetry
}

/**
 * Bytes of the largest packet that is accepted. The largest expected one, a device of Home Assistant's discovery, has about
 * 1 KB per event.
 */
export const MAX_INCOMING_BYTES = 512 * 1024

/** Incoming messages with QoS 1 or 2 in flight at once. */
const MAX_INCOMING_MESSAGES = 64

export function clientOptions(
  options: ConnectionOptions,
  protocolVersion: ProtocolVersion,
  { qos, retain }: BrokerLimits,
): IClientOptions {
  const { clientId, username, password, ca, cert, key, insecure, will, connectTimeoutMs } = options
  return {
    protocolVersion,
    clientId,
    clean: true,
    keepalive: 30,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    // The client's own queue for QoS 0 has no bound.
    queueQoSZero: false,
    manualConnect: true,
    rejectUnauthorized: !insecure,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos, retain },
    // A WebSocket frame is buffered whole before the size limit of MQTT applies.
    wsOptions: { maxPayload: 2 * MAX_INCOMING_BYTES },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(protocolVersion === 5 && {
      properties: {
        sessionExpiryInterval: 0,
        maximumPacketSize: MAX_INCOMING_BYTES,
        receiveMaximum: MAX_INCOMING_MESSAGES,
      },
    }),
  }
}
