/** What a broker takes: what its CONNACK says, and what was learned from its refusals. Kept over reconnects. */

import type { IConnackPacket } from 'mqtt'
import { createRejectionTracker, type RejectionTracker } from './rejectionTracker.ts'

export interface BrokerLimits {
  /** false: messages are sent without the retain flag. */
  retain: boolean
  /** 0: messages are sent with QoS 0. */
  qos: 0 | 1
  /** Messages that may wait for their PUBACK at once. */
  window: number
  /** Bytes of the largest packet that the broker takes. */
  maxPacketBytes: number
  readonly rejections: RejectionTracker
  /** Refusal and topic → what was last reported of it: a value that is refused each minute is reported once. */
  readonly reported: Map<string, string>
}

/** Mosquitto lets a client have 20 on their way. */
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

/** Of a CONNACK, MQTT 5 section 3.2.2.3; 3.1.1 says nothing. What was learned before stays. */
export function applyConnack(limits: BrokerLimits, { properties = {} }: IConnackPacket): void {
  const { retainAvailable, maximumQoS, receiveMaximum, maximumPacketSize } = properties
  // mqtt-packet's parser reads these two as booleans or as numbers.
  if (retainAvailable !== undefined && !retainAvailable) limits.retain = false
  if (maximumQoS !== undefined && Number(maximumQoS) === 0) limits.qos = 0
  limits.window = Math.max(1, Math.min(limits.window, receiveMaximum ?? WINDOW))
  limits.maxPacketBytes = maximumPacketSize ?? Number.POSITIVE_INFINITY
}
