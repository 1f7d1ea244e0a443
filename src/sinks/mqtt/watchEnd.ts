/** The end of a connection: why it came, and how to bring it about in bounded time. */

import type { MqttClient } from 'mqtt'
import { ConnectError, connectErrorOf, disconnectErrorOf } from './connectError.ts'

export interface ConnectionEnd {
  /** Resolves with the reason; null: it was ended by `hangUp(null)`. Never rejects. */
  readonly closed: Promise<ConnectError | null>
  /** Ends it for this reason; null: with a DISCONNECT, so that the last will is not published. */
  hangUp(reason: ConnectError | null): void
}

/** ms for what was written last, the DISCONNECT among it, to leave. */
const END_MS = 1000

/** DISCONNECT with reason 0: the same two bytes in 3.1.1 and MQTT 5, sections 3.14. */
const DISCONNECT = Buffer.from([0xe0, 0])

/** To be called before the client connects: an end that comes right behind the CONNACK must not be missed. */
export function watchEnd(client: MqttClient): ConnectionEnd {
  /** The first that is known: what follows from it, as a write error, is not the reason. */
  let known: { readonly reason: ConnectError | null } | null = null
  let finish: () => void = () => undefined
  const closed = new Promise<ConnectError | null>(resolve => {
    finish = () => {
      // Fails what still waits for its answer: nothing of it may be sent on a later connection.
      client.end(true)
      resolve(known === null ? closedByBroker() : known.reason)
    }
  })
  const hangUp = (reason: ConnectError | null) => {
    known ??= { reason }
    // The client's own `end` waits for all that the broker owes, and a second call does not hurry it.
    if (reason !== null) client.stream.destroy()
    else {
      client.stream.end(DISCONNECT)
      setTimeout(() => client.stream.destroy(), END_MS).unref()
    }
    // A stream that is closed already says so no more.
    setTimeout(finish, 2 * END_MS).unref()
  }
  client.once('close', () => finish())
  client.on('disconnect', ({ reasonCode = 0 }) => hangUp(disconnectErrorOf(reasonCode)))
  // After an error of the parser the client reads on, but no longer understands what it reads.
  client.on('error', error => hangUp(connectErrorOf(error)))
  return { closed, hangUp }
}

function closedByBroker(): ConnectError {
  return new ConnectError('connection closed by the broker', 'unreachable', { isUnexplained: true, cause: null })
}
