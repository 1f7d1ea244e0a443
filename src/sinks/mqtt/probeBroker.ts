/** One try whether the broker lets us in, for `validate`. A running instance is not disturbed. */

import { ConnectError } from './connectError.ts'
import type { ProtocolVersion } from './connection.ts'
import { type BrokerOptions, connectionOptions } from './connectionOptions.ts'
import { openFirst, versionsOf } from './link.ts'
import type { MqttOptions } from './mqtt.ts'

/**
 * Connects, says goodbye; gives the protocol that the broker speaks.
 * @throws Error with what to do about it, WatchwordError `mqtt-tls-file`
 */
export async function probeBroker(
  options: BrokerOptions & Pick<MqttOptions, 'protocol' | 'topicPrefix'>,
): Promise<ProtocolVersion> {
  // A client id of its own: with the running instance's, the broker would throw that one out.
  const own = { ...options, clientId: `${options.clientId}-validate` }
  const settings = await connectionOptions(own, `${options.topicPrefix}/bridge/validate`)
  const { signal } = new AbortController()
  const connection = await openFirst(settings, versionsOf(options.protocol), signal).catch(advised)
  await connection.end()
  return connection.protocol
}

function advised(error: unknown): never {
  if (!(error instanceof ConnectError) || error.advice === null) throw error
  throw new Error(`${error.message}: ${error.advice}`, { cause: error })
}
