/** The limits of a broker, from its CONNACK and learned from its refusals. Kept over reconnects. */

import type { IConnackPacket } from 'mqtt'
import { createRejectionTracker, type RejectionTracker } from './rejectionTracker.ts'

export interface BrokerLimits {
  /** false: messages are sent without the retain flag. */
  retain: boolean
  /** 0: messages are sent with QoS 0. */
  qos: 0 | 1
  /** Messages that may wait for their PUBACK at once. */
  window: number
  /** Bytes of the largest packet that the broker accepts. */
  maxPacketBytes: number
  readonly rejections: RejectionTracker
  /** Refusal and topic → the last reported error: a value that is refused every minute is reported once. */
  readonly reported: Map<string, string>
}

/** Mosquitto allows a client 20 messages in flight. */
const WINDOW = 16

export function createBrokerLimits(): BrokerLimits {
  return {
    retain: true,
    qos: 1,
    window: WINDOW,
    maxPacketBytes: Number.POSITIVE_INFINITY,
    rejections: createRejectionTracker(),
    reported: new Map(),
  }
}

/** Applies the limits of a CONNACK, MQTT 5 section 3.2.2.3; 3.1.1 has none. Learned limits stay. */
export function applyConnack(limits: BrokerLimits, { properties = {} }: IConnackPacket): void {
  const { retainAvailable, maximumQoS, receiveMaximum, maximumPacketSize } = properties
  // mqtt-packet's parser reads these two as booleans or as numbers.
  if (retainAvailable !== undefined && !retainAvailable) limits.retain = false
  if (maximumQoS !== undefined && Number(maximumQoS) === 0) limits.qos = 0
  limits.window = Math.max(1, Math.min(limits.window, receiveMaximum ?? WINDOW))
  limits.maxPacketBytes = maximumPacketSize ?? Number.POSITIVE_INFINITY
}
