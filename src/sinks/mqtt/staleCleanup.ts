/** When to sweep: on every connection, but not again and again where that is what ends it. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { clearStaleRetained } from './clearStaleRetained.ts'
import type { Connection } from './connection.ts'

/** Connections in a row that ended during the sweep: what the broker holds may be more than the link carries. */
const MOST_CUT_OFF = 2

/** @returns what to do with each new connection */
export function createStaleCleanup(
  telemetry: Telemetry,
  sweepOf: (connection: Connection) => ReturnType<typeof clearStaleRetained>,
): (connection: Connection) => Promise<void> {
  let cutOff = 0
  let isReported = false
  return async connection => {
    if (cutOff >= MOST_CUT_OFF) {
      // This connection goes without; the next one is tried again.
      cutOff = 0
      return
    }
    const result = await sweepOf(connection)
    cutOff = result === 'cut-off' ? cutOff + 1 : 0
    if (result !== 'silent' || isReported) return
    isReported = true
    telemetry.emit({ type: 'MqttLimited', limit: 'read' })
  }
}
