/** Keeps a connection to the broker: tries MQTT 5 and 3.1.1, comes back after every loss, waits longer each time. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Telemetry } from '../../telemetry/happenings.ts'
import { messageOf } from '../../util/errors.ts'
import { ConnectError, cutOffError } from './connectError.ts'
import { type Connection, type ConnectionOptions, openConnection, type ProtocolVersion } from './connection.ts'

export interface LinkOptions extends ConnectionOptions {
  /** auto: MQTT 5, then 3.1.1 where the broker does not know 5. */
  readonly protocol: 'auto' | '5' | '3.1.1'
  readonly telemetry: Telemetry
  /** Told of every new connection. */
  readonly onConnected: (connection: Connection) => void
  /** [0, 1) */
  readonly random?: () => number
}

export interface Link {
  /** null while there is none. */
  readonly connection: Connection | null
  /** Stops trying; ends the connection politely after `farewell`. */
  close(farewell: (connection: Connection) => Promise<void>): Promise<void>
}

export function createLink(options: LinkOptions): Link {
  const { telemetry, url, random = Math.random } = options
  const stop = new AbortController()
  let connection: Connection | null = null
  let versions = versionsOf(options.protocol)
  /** Connections in a row that ended before they had settled. */
  let cutOff = 0
  /** What telemetry was last told of being away; null while connected. */
  let told: string | null = null

  const away = (cause: unknown) => {
    const error = messageOf(cause)
    if (told === error) return
    told = error
    const advice = cause instanceof ConnectError ? cause.advice : null
    telemetry.emit({ type: 'MqttDisconnected', url, error, advice })
  }
  const stay = async (): Promise<'short' | 'long'> => {
    const opened = await openFirst(options, versions, stop.signal)
    // The version that worked comes first from now on.
    versions = [opened.protocol, ...versions.filter(version => version !== opened.protocol)]
    const from = performance.now()
    connection = opened
    told = null
    telemetry.emit({ type: 'MqttConnected', url, protocol: opened.protocol })
    options.onConnected(opened)
    const reason = await opened.closed
    connection = null
    const isShort = performance.now() - from < SETTLED_MS
    cutOff = isShort ? cutOff + 1 : 0
    if (reason !== null) away(cutOff >= SUSPICIOUS ? cutOffError(reason) : reason)
    return isShort ? 'short' : 'long'
  }
  const run = async () => {
    let failures = 0
    while (!stop.signal.aborted) {
      let slow = false
      try {
        failures = (await stay()) === 'long' ? 0 : failures + 1
      } catch (error) {
        if (stop.signal.aborted) return
        failures++
        slow = error instanceof ConnectError && error.failure === 'auth'
        away(error)
      }
      await sleep(backoffMs(failures, slow, random()), undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    get connection() {
      return connection
    },
    close: async farewell => {
      stop.abort()
      if (connection !== null) {
        await farewell(connection)
        await connection.end()
      }
      await running
    },
  }
}

/** A connection that lasted this long was a good one. */
const SETTLED_MS = 10_000
/** So many that are cut off in a row are no accident. */
const SUSPICIOUS = 3
const FIRST_MS = 500
const LONGEST_MS = 30_000
/** A wrong password will not become right by asking often. */
const AUTH_MS = 15_000

/** Exponential with jitter, so that many clients of a broker that comes back don't come all at once. */
export function backoffMs(failures: number, slow: boolean, random: number): number {
  const ceiling = Math.min(LONGEST_MS, (slow ? AUTH_MS : FIRST_MS) * 2 ** Math.max(0, failures - 1))
  return ceiling * (0.5 + random / 2)
}

/** In the order in which they are tried. */
export function versionsOf(protocol: LinkOptions['protocol']): readonly ProtocolVersion[] {
  if (protocol === 'auto') return [5, 4]
  return [protocol === '5' ? 5 : 4]
}

/** With the first version that the broker speaks. @throws ConnectError */
export async function openFirst(
  options: ConnectionOptions,
  versions: readonly ProtocolVersion[],
  signal: AbortSignal,
): Promise<Connection> {
  const [version = 5, ...others] = versions
  try {
    return await openConnection(options, version, signal)
  } catch (error) {
    const other = error instanceof ConnectError && error.failure === 'protocol' && others.length > 0
    if (!other) throw error
    return openFirst(options, others, signal)
  }
}
