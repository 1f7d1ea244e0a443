/** What an MQTT 5 reason code of a PUBACK or DISCONNECT means for the message: 5.0 sections 3.4.2.1 and 3.14.2.1. */

import { createRequire } from 'node:module'
import { ReasonCodes } from 'mqtt'

export const RETAIN_NOT_SUPPORTED = 0x9a
export const QOS_NOT_SUPPORTED = 0x9b
const PACKET_TOO_LARGE = 0x95

/** The broker may take the same message later. Codes that the standard does not know are among them. */
const PERMANENT = new Set([
  0x81, // malformed packet
  0x82, // protocol error
  0x87, // not authorized
  0x90, // topic name invalid
  0x99, // payload format invalid
])

export type Refusal = 'busy' | 'refused' | 'too-large'

/** Why a PUBACK with this reason code (0x80 or above) refuses a message. */
export function refusalOf(code: number): Refusal {
  if (code === PACKET_TOO_LARGE) return 'too-large'
  return PERMANENT.has(code) ? 'refused' : 'busy'
}

/** DISCONNECT for a reason that has nothing to do with what was sent: busy, shutting down, taken over, moved, … */
const UNRELATED = new Set([0x89, 0x8b, 0x8d, 0x8e, 0x93, 0x96, 0x97, 0x98, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f, 0xa0])

/** Whether a DISCONNECT with this code may be the answer to a message that was in flight. */
export function mayBlameMessage(code: number): boolean {
  return !UNRELATED.has(code)
}

/** The broker got more at once than it takes: receive maximum exceeded, message rate too high. */
export function isTooMuchAtOnce(code: number): boolean {
  return code === 0x93 || code === 0x96
}

/**
 * mqtt-packet refuses acknowledgements whose reason code is not in its tables, and reads nothing behind them. Brokers send
 * others: Mosquitto 2.0 answers a message above `message_size_limit` with 0x95.
 */
export function acceptAllReasonCodes(): void {
  const ofClient = createRequire(createRequire(import.meta.url).resolve('mqtt'))
  const constants: Record<string, Record<number, string>> = ofClient('mqtt-packet/constants.js')
  for (const packet of ['PUBACK_PUBREC', 'SUBACK', 'UNSUBACK', 'DISCONNECT']) {
    const known = constants[`MQTT5_${packet}_CODES`] ?? {}
    for (let code = 0x80; code <= 0xff; code++) known[code] ??= 'Unknown reason code'
  }
}

/** The standard's name of a reason code. */
export function reasonText(code: number): string {
  return ReasonCodes[code as keyof typeof ReasonCodes] || `reason code 0x${code.toString(16)}`
}
