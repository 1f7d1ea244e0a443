/** A client of the mqtt library, from the socket to the CONNACK. */

import { Socket } from 'node:net'
import { connect, type IConnackPacket, type MqttClient } from 'mqtt'
import type { BrokerLimits } from './brokerLimits.ts'
import { type ConnectionOptions, clientOptions, MAX_INCOMING_BYTES, type ProtocolVersion } from './clientOptions.ts'
import { ConnectError, withSchemeHint } from './connectError.ts'
import { cutLargeMessages } from './cutLargeMessages.ts'
import { acceptAllReasonCodes } from './reasonCodes.ts'
import { type ConnectionEnd, watchEnd } from './watchEnd.ts'

export interface Attempt {
  readonly protocol: ProtocolVersion
  readonly limits: BrokerLimits
  /** Gives the attempt up. */
  readonly signal: AbortSignal
}

/** A client that is connected. */
export interface OpenClient extends ConnectionEnd {
  readonly client: MqttClient
  readonly connack: IConnackPacket
}

/** @throws ConnectError, also when the attempt is given up */
export async function openClient(options: ConnectionOptions, attempt: Attempt): Promise<OpenClient> {
  acceptAllReasonCodes()
  const client = connect(options.url, clientOptions(options, attempt.protocol, attempt.limits))
  boundIncoming(client)
  const end = watchEnd(client)
  const connected = untilConnack(client, end, attempt)
  client.connect()
  const connack = await connected.catch(error => {
    throw error instanceof ConnectError ? withSchemeHint(error, options.url) : error
  })
  return { client, connack, ...end }
}

/** The client pipes its socket into its parser, which gathers whatever a header claims: the bound stands in between. */
function boundIncoming(client: MqttClient): void {
  // Allows some bytes for the header, which the limit of MQTT 5 counts and this one does not.
  const limiter = cutLargeMessages(MAX_INCOMING_BYTES - 16)
  const inner = client as unknown as { streamBuilder: (client: MqttClient) => MqttClient['stream'] }
  const build = inner.streamBuilder
  inner.streamBuilder = of => {
    const stream = build(of)
    const pipe = stream.pipe.bind(stream)
    stream.pipe = to => {
      pipe(limiter).pipe(to)
      return to
    }
    limiter.on('error', error => {
      client.emit('error', error)
      stream.destroy()
    })
    return stream
  }
}

async function untilConnack(
  client: MqttClient,
  { closed, hangUp }: ConnectionEnd,
  { protocol, signal }: Attempt,
): Promise<IConnackPacket> {
  const giveUp = () => hangUp(new ConnectError('given up', 'unreachable', { cause: signal.reason }))
  signal.addEventListener('abort', giveUp)
  const connack = new Promise<IConnackPacket>(resolve => {
    client.once('connect', packet => {
      // Else a change that follows its picture waits until the broker's kernel has acknowledged that one: 40 ms (RFC 896).
      if (client.stream instanceof Socket) client.stream.setNoDelay(true)
      resolve(packet)
    })
  })
  const failed = closed.then(reason => {
    if (reason !== null && !isHangUp(reason)) throw reason
    // A broker that speaks 3.1.1 only may answer a version that it does not know by hanging up.
    const message = `the broker hung up on MQTT ${protocol === 5 ? '5' : '3.1.1'}`
    throw new ConnectError(message, 'protocol', { isUnexplained: true, cause: null })
  })
  // The end of a connection that was made is no failure to make it.
  failed.catch(() => undefined)
  try {
    return await Promise.race([connack, failed])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** The other side closed the connection, and that is all that is known. */
function isHangUp({ isUnexplained, cause }: ConnectError): boolean {
  return isUnexplained && cause === null
}
