/** Connects once to check the broker, for `validate`, without disturbing a running instance. */

import { createBrokerLimits } from './brokerLimits.ts'
import type { ProtocolVersion } from './clientOptions.ts'
import { ConnectError } from './connectError.ts'
import { type BrokerOptions, connectionOptions } from './connectionOptions.ts'
import type { MqttOptions } from './mqtt.ts'
import { openFirst, versionsOf } from './reconnectingClient.ts'

/**
 * Connects and disconnects.
 * @returns the protocol version that the broker supports
 * @throws Error with advice, WatchwordError `mqtt-tls-file`
 */
export async function probeBroker(
  options: BrokerOptions & Pick<MqttOptions, 'protocol' | 'topicPrefix'>,
): Promise<ProtocolVersion> {
  // A separate client id: with the running instance's id, the broker would end the connection of that instance.
  const own = { ...options, clientId: `${options.clientId}-validate` }
  const settings = await connectionOptions(own, `${options.topicPrefix}/bridge/validate`)
  const { signal } = new AbortController()
  const attempts = { versions: versionsOf(options.protocol), limits: createBrokerLimits(), signal }
  const connection = await openFirst(settings, attempts).catch(rethrowWithAdvice)
  await connection.end()
  return connection.protocol
}

function rethrowWithAdvice(error: unknown): never {
  if (!(error instanceof ConnectError) || error.advice === null) throw error
  throw new Error(`${error.message}: ${error.advice}`, { cause: error })
}
