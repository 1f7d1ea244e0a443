/** Clears stale retained topics on every connection, but skips one after two connections in a row ended meanwhile. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { clearStaleRetained } from './clearStaleRetained.ts'
import type { Connection } from './connection.ts'

/** Connections in a row that ended during the cleanup: the broker may hold more than a slow network can carry. */
const MOST_CUT_OFF = 2

/** @returns a function to call with each new connection */
export function cleanUpOnConnect(
  telemetry: Telemetry,
  clear: (connection: Connection) => ReturnType<typeof clearStaleRetained>,
): (connection: Connection) => Promise<void> {
  let cutOff = 0
  let isReported = false
  return async connection => {
    if (cutOff >= MOST_CUT_OFF) {
      // No cleanup on this connection; the next one tries again.
      cutOff = 0
      return
    }
    const result = await clear(connection)
    cutOff = result === 'cut-off' ? cutOff + 1 : 0
    if (result !== 'silent' || isReported) return
    isReported = true
    telemetry.emit({ type: 'MqttLimited', limit: 'read' })
  }
}
