/** One attempt to connect, for `validate`. A running instance is not disturbed. */

import { createBrokerLimits } from './brokerLimits.ts'
import type { ProtocolVersion } from './clientOptions.ts'
import { ConnectError } from './connectError.ts'
import { type BrokerOptions, connectionOptions } from './connectionOptions.ts'
import type { MqttOptions } from './mqtt.ts'
import { openFirst, versionsOf } from './reconnectingClient.ts'

/**
 * Connects and disconnects.
 * @returns the protocol that the broker speaks
 * @throws Error with what to do about it, WatchwordError `mqtt-tls-file`
 */
export async function probeBroker(
  options: BrokerOptions & Pick<MqttOptions, 'protocol' | 'topicPrefix'>,
): Promise<ProtocolVersion> {
  // A client id of its own: with the running instance's, the broker would end that one's connection.
  const own = { ...options, clientId: `${options.clientId}-validate` }
  const settings = await connectionOptions(own, `${options.topicPrefix}/bridge/validate`)
  const { signal } = new AbortController()
  const attempts = { versions: versionsOf(options.protocol), limits: createBrokerLimits(), signal }
  const connection = await openFirst(settings, attempts).catch(advised)
  await connection.end()
  return connection.protocol
}

function advised(error: unknown): never {
  if (!(error instanceof ConnectError) || error.advice === null) throw error
  throw new Error(`${error.message}: ${error.advice}`, { cause: error })
}
