/** Keeps a connection to the broker: tries MQTT 5 and 3.1.1, reconnects after every loss with exponential backoff. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { backoffDelay } from '../../util/backoff.ts'
import { messageOf } from '../../util/errors.ts'
import { type BrokerLimits, createBrokerLimits } from './brokerLimits.ts'
import type { ConnectionOptions, ProtocolVersion } from './clientOptions.ts'
import { ConnectError, cutOffError } from './connectError.ts'
import { type Connection, openConnection } from './connection.ts'
import { QOS_NOT_SUPPORTED, RETAIN_NOT_SUPPORTED } from './reasonCodes.ts'

export interface ReconnectingClientOptions extends ConnectionOptions {
  /** auto: MQTT 5, then 3.1.1 if the broker does not support 5. */
  readonly protocol: 'auto' | '5' | '3.1.1'
  readonly telemetry: Telemetry
  /** Called with every new connection. */
  readonly onConnected: (connection: Connection) => void
  /** [0, 1) */
  readonly random?: () => number
}

export interface ReconnectingClient {
  /** null while disconnected. */
  readonly connection: Connection | null
  /** Stops reconnecting; ends the connection with a DISCONNECT after `beforeClose`. */
  close(beforeClose: (connection: Connection) => Promise<void>): Promise<void>
}

export function createReconnectingClient(options: ReconnectingClientOptions): ReconnectingClient {
  const { telemetry, url, random = Math.random } = options
  const stop = new AbortController()
  const limits = createBrokerLimits()
  let connection: Connection | null = null
  let versions = versionsOf(options.protocol)
  /** Connections in a row that ended within `SETTLED_MS` and without a reason. */
  let cutOff = 0
  /** The last reported error; null while connected. */
  let lastReported: string | null = null

  const reportDisconnected = (cause: unknown) => {
    const error = messageOf(cause)
    if (lastReported === error) return
    lastReported = error
    const advice = cause instanceof ConnectError ? cause.advice : null
    telemetry.emit({ type: 'MqttDisconnected', url, error, advice })
  }
  const connectOnce = async (): Promise<'short' | 'long'> => {
    const opened = await openFirst(options, { versions, limits, signal: stop.signal })
    if (stop.signal.aborted) {
      await opened.end()
      return 'short'
    }
    // From now on the version that worked is tried first.
    versions = [opened.protocol, ...versions.filter(version => version !== opened.protocol)]
    const from = performance.now()
    connection = opened
    lastReported = null
    telemetry.emit({ type: 'MqttConnected', url, protocol: opened.protocol })
    options.onConnected(opened)
    const reason = await opened.closed
    connection = null
    const isShort = performance.now() - from < SETTLED_MS
    cutOff = isShort && reason?.isUnexplained ? cutOff + 1 : 0
    if (reason !== null) reportDisconnected(cutOff >= SUSPICIOUS ? cutOffError(reason) : reason)
    return isShort ? 'short' : 'long'
  }
  const run = async () => {
    let failures = 0
    while (!stop.signal.aborted) {
      let slow = false
      try {
        failures = (await connectOnce()) === 'long' ? 0 : failures + 1
      } catch (error) {
        if (stop.signal.aborted) return
        failures++
        slow = error instanceof ConnectError && error.failure === 'auth'
        reportDisconnected(error)
      }
      await sleep(backoffMs(failures, slow, random()), undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    get connection() {
      return connection
    },
    close: async beforeClose => {
      stop.abort()
      // The connection may end meanwhile.
      const last = connection
      if (last !== null) {
        await beforeClose(last)
        await last.end()
      }
      await running
    },
  }
}

/** ms after which a connection counts as stable. */
const SETTLED_MS = 10_000
/** So many short connections in a row have a common cause. */
const SUSPICIOUS = 3
const FIRST_MS = 500
const LONGEST_MS = 30_000
/** First delay after a refused login: frequent attempts do not help. */
const AUTH_MS = 15_000

/** Exponential with jitter, so that not all clients connect at once when a broker returns. */
export function backoffMs(failures: number, slow: boolean, random: number): number {
  return backoffDelay({ firstMs: slow ? AUTH_MS : FIRST_MS, maxMs: LONGEST_MS, jitter: 0.5 }, failures, random)
}

/** The protocol versions in the order in which they are tried. */
export function versionsOf(protocol: ReconnectingClientOptions['protocol']): readonly ProtocolVersion[] {
  if (protocol === 'auto') return [5, 4]
  return [protocol === '5' ? 5 : 4]
}

/**
 * Connects with the first version that the broker supports, and with a last will that it accepts.
 * @throws ConnectError
 */
export async function openFirst(options: ConnectionOptions, attempts: Attempts): Promise<Connection> {
  const { versions, limits, signal } = attempts
  const [protocol = 5, ...others] = versions
  try {
    return await openConnection(options, { protocol, limits, signal })
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error
    if (learned(error.reasonCode, limits)) return openFirst(options, attempts)
    if (error.failure !== 'protocol' || others.length === 0) throw error
    return openFirst(options, { ...attempts, versions: others })
  }
}

interface Attempts {
  readonly versions: readonly ProtocolVersion[]
  readonly limits: BrokerLimits
  readonly signal: AbortSignal
}

/** If the broker refused the last will for its retain flag or its QoS, the next attempt goes without. @returns whether so */
function learned(code: number | null, limits: BrokerLimits): boolean {
  if (code === RETAIN_NOT_SUPPORTED && limits.retain) limits.retain = false
  else if (code === QOS_NOT_SUPPORTED && limits.qos === 1) limits.qos = 0
  else return false
  return true
}
