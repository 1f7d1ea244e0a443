/** The meaning of MQTT 5 reason codes of PUBACK and DISCONNECT for a message: 5.0 sections 3.4.2.1 and 3.14.2.1. */

import { createRequire } from 'node:module'
import { ReasonCodes } from 'mqtt'

export const RETAIN_NOT_SUPPORTED = 0x9a
export const QOS_NOT_SUPPORTED = 0x9b
const PACKET_TOO_LARGE = 0x95

/** With any other code, also an unknown one, the broker may accept the same message later. */
const PERMANENT = new Set([
  0x81, // malformed packet
  0x82, // protocol error
  0x87, // not authorized
  0x90, // topic name invalid
  0x99, // payload format invalid
])

export type Refusal = 'busy' | 'refused' | 'too-large'

/** Maps the reason code of a PUBACK (0x80 or above) to a refusal. */
export function refusalOf(code: number): Refusal {
  if (code === PACKET_TOO_LARGE) return 'too-large'
  return PERMANENT.has(code) ? 'refused' : 'busy'
}

/** Codes of a DISCONNECT that is unrelated to a message: busy, shutting down, taken over, moved, … */
const UNRELATED = new Set([0x89, 0x8b, 0x8d, 0x8e, 0x93, 0x96, 0x97, 0x98, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f, 0xa0])

/** Whether a message in flight may have caused a DISCONNECT with this code. */
export function mayBlameMessage(code: number): boolean {
  return !UNRELATED.has(code)
}

/** Whether too many messages were in flight: receive maximum exceeded, message rate too high. */
export function isTooMuchAtOnce(code: number): boolean {
  return code === 0x93 || code === 0x96
}

/**
 * mqtt-packet rejects acknowledgements whose reason code is not in its tables, and stops parsing. Brokers send others:
 * Mosquitto 2.0 answers a message above `message_size_limit` with 0x95.
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
