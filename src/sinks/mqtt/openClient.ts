/** Opens a client of the mqtt library, up to the CONNACK. */

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
  /** Aborts the attempt. */
  readonly signal: AbortSignal
}

/** A connected client. */
export interface OpenClient extends ConnectionEnd {
  readonly client: MqttClient
  readonly connack: IConnackPacket
}

/** @throws ConnectError, also when the attempt is aborted */
export async function openClient(options: ConnectionOptions, attempt: Attempt): Promise<OpenClient> {
  acceptAllReasonCodes()
  const client = connect(options.url, clientOptions(options, attempt.protocol, attempt.limits))
  limitIncoming(client)
  const end = watchEnd(client)
  const connected = untilConnack(client, end, attempt)
  client.connect()
  const connack = await connected.catch(error => {
    throw error instanceof ConnectError ? withSchemeHint(error, options.url) : error
  })
  return { client, connack, ...end }
}

/** Puts a size limit between the socket and the client's parser, which would buffer as many bytes as a header announces. */
function limitIncoming(client: MqttClient): void {
  // Leaves some bytes for the header, which the limit of MQTT 5 includes and this one does not.
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
  const abort = () => hangUp(new ConnectError('aborted', 'unreachable', { cause: signal.reason }))
  signal.addEventListener('abort', abort)
  const connack = new Promise<IConnackPacket>(resolve => {
    client.once('connect', packet => {
      // Otherwise a change waits up to 40 ms until the broker's kernel has acknowledged the snapshot before it (RFC 896).
      if (client.stream instanceof Socket) client.stream.setNoDelay(true)
      resolve(packet)
    })
  })
  const failed = closed.then(reason => {
    if (reason !== null && !isHangUp(reason)) throw reason
    // A broker that supports only 3.1.1 may close the connection on an unknown version.
    const message = `the broker closed the connection on MQTT ${protocol === 5 ? '5' : '3.1.1'}`
    throw new ConnectError(message, 'protocol', { isUnexplained: true, cause: null })
  })
  // The end of an established connection is no connect failure.
  failed.catch(() => undefined)
  try {
    return await Promise.race([connack, failed])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Whether the broker closed the connection without any reason. */
function isHangUp({ isUnexplained, cause }: ConnectError): boolean {
  return isUnexplained && cause === null
}
