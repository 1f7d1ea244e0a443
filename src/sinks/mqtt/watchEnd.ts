/** Watches for the end of a connection and its reason, and ends it in bounded time. */

import type { MqttClient } from 'mqtt'
import { ConnectError, connectErrorOf, disconnectErrorOf } from './connectError.ts'

export interface ConnectionEnd {
  /** Resolves with the reason; null after `hangUp(null)`. Never rejects. */
  readonly closed: Promise<ConnectError | null>
  /** Ends the connection for this reason; null: with a DISCONNECT, so that the last will is not published. */
  hangUp(reason: ConnectError | null): void
}

/** ms for the last written bytes, the DISCONNECT among them, to be sent. */
const END_MS = 1000

/** DISCONNECT with reason 0: the same two bytes in 3.1.1 and MQTT 5, sections 3.14. */
const DISCONNECT = Buffer.from([0xe0, 0])

/** Call it before the client connects: an end right after the CONNACK must not be missed. */
export function watchEnd(client: MqttClient): ConnectionEnd {
  /** The first reason: later errors, such as a write error, follow from it. */
  let known: { readonly reason: ConnectError | null } | null = null
  let finish: () => void = () => undefined
  const closed = new Promise<ConnectError | null>(resolve => {
    finish = () => {
      // Rejects messages that wait for their acknowledgement: none may be sent on a later connection.
      client.end(true)
      resolve(known === null ? closedByBroker() : known.reason)
    }
  })
  const hangUp = (reason: ConnectError | null) => {
    known ??= { reason }
    // The client's own `end` waits for all outstanding acknowledgements, and a second call does not shorten that.
    if (reason !== null) client.stream.destroy()
    else {
      client.stream.end(DISCONNECT)
      setTimeout(() => client.stream.destroy(), END_MS).unref()
    }
    // A stream that is already closed emits no further `close`.
    setTimeout(finish, 2 * END_MS).unref()
  }
  client.once('close', () => finish())
  client.on('disconnect', ({ reasonCode = 0 }) => hangUp(disconnectErrorOf(reasonCode)))
  // After a parser error the client continues to read, but can no longer parse the stream.
  client.on('error', error => hangUp(connectErrorOf(error)))
  return { closed, hangUp }
}

function closedByBroker(): ConnectError {
  return new ConnectError('connection closed by the broker', 'unreachable', { isUnexplained: true, cause: null })
}
