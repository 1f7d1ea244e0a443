/** The broker that is used while none is configured. */

import { type DemoBroker, startBroker } from '../../demo/startBroker.ts'
import { systemCodeOf } from '../../util/errors.ts'

/** MQTT's own port. */
const FIRST_PORT = 1883
const TRIES = 20

/** On 1883 or the next free port: the caller prints which one. */
export async function startEmbeddedBroker(): Promise<DemoBroker> {
  for (let port = FIRST_PORT; port < FIRST_PORT + TRIES; port++) {
    try {
      return await startBroker(port)
    } catch (error) {
      if (systemCodeOf(error) !== 'EADDRINUSE') throw error
    }
  }
  return startBroker(0)
}
