/** A broker that misbehaves as a test asks: MQTT 3.1.1 and 5 on a free port of loopback, one answer for every packet. */

import { createServer, type Socket } from 'node:net'
import {
  generate,
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
  parser,
} from 'mqtt-packet'

/** What comes back for a PUBLISH. `close`: the connection ends without a word. */
export type Answer = 'ack' | 'silence' | 'close' | { readonly puback: number } | { readonly disconnect: number }

export interface FaultyBrokerOptions {
  /** Of the CONNACK, MQTT 5. */
  readonly properties?: IConnackPacket['properties']
  /** Of the CONNACK: a refusal. */
  readonly refuse?: (packet: IConnectPacket) => number
  readonly onPublish?: (packet: Published) => Answer
  /** Packets that are not answered. */
  readonly ignores?: readonly Packet['cmd'][]
  /** Packets at which the connection ends without a word. */
  readonly closesOn?: readonly Packet['cmd'][]
  /** Reason codes of a SUBACK. */
  readonly granted?: (topic: string) => number
  /** Bytes that it sends behind each SUBACK. */
  readonly sends?: (protocol: number) => Buffer
}

export interface Published extends IPublishPacket {
  readonly protocol: number
  /** Of the connection, from 1. */
  readonly connection: number
}

export interface FaultyBroker {
  readonly url: string
  readonly port: number
  readonly published: readonly Published[]
  readonly connects: readonly IConnectPacket[]
  /** Most PUBLISH packets that waited for their PUBACK at once. */
  readonly mostInFlight: () => number
  /** From now on it behaves so. */
  behave(options: FaultyBrokerOptions): void
  close(): Promise<void>
}

export async function startFaultyBroker(initial: FaultyBrokerOptions = {}): Promise<FaultyBroker> {
  let options = initial
  const published: Published[] = []
  const connects: IConnectPacket[] = []
  const sockets = new Set<Socket>()
  let mostInFlight = 0

  const serve = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    const session = { protocol: 4, inFlight: 0 }
    const reader = parser()
    const send = (packet: Packet) => {
      if (!socket.destroyed) socket.write(generate(packet, { protocolVersion: session.protocol }))
    }
    const onPublish = (packet: Published) => {
      published.push(packet)
      session.inFlight++
      mostInFlight = Math.max(mostInFlight, session.inFlight)
      const answer = options.onPublish?.(packet) ?? 'ack'
      if (answer === 'silence') return
      if (answer === 'close') {
        socket.destroy()
        return
      }
      // A moment later: what was sent together is in flight together.
      setImmediate(() => {
        session.inFlight--
        if (typeof answer === 'object' && 'disconnect' in answer) {
          send({ cmd: 'disconnect', reasonCode: answer.disconnect })
          socket.end()
        } else if (packet.qos > 0 && packet.messageId !== undefined) {
          const reasonCode = answer === 'ack' ? 0 : answer.puback
          send({ cmd: 'puback', messageId: packet.messageId, ...(session.protocol === 5 && { reasonCode }) })
        }
      })
    }
    const onConnect = (packet: IConnectPacket) => {
      connects.push(packet)
      session.protocol = packet.protocolVersion ?? 4
      Object.assign(reader, { settings: { protocolVersion: session.protocol } })
      const code = options.refuse?.(packet) ?? 0
      const isNew = session.protocol === 5
      send({
        cmd: 'connack',
        sessionPresent: false,
        ...(isNew ? { reasonCode: code, properties: options.properties ?? {} } : { returnCode: code }),
      })
      if (code !== 0) socket.end()
    }
    reader.on('error', () => socket.destroy())
    const onSubscribe = ({ messageId = 0, subscriptions }: ISubscribePacket) => {
      send({ cmd: 'suback', messageId, granted: subscriptions.map(({ topic }) => options.granted?.(topic) ?? 1) })
      if (options.sends) socket.write(options.sends(session.protocol))
    }
    const answer = (packet: Packet) => {
      switch (packet.cmd) {
        case 'connect':
          return onConnect(packet)
        case 'publish':
          return onPublish({ ...packet, protocol: session.protocol, connection: connects.length })
        case 'subscribe':
          return onSubscribe(packet)
        case 'unsubscribe':
          return send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [0] })
        case 'pingreq':
          return send({ cmd: 'pingresp' })
        case 'disconnect':
          socket.end()
      }
    }
    reader.on('packet', packet => {
      if (options.closesOn?.includes(packet.cmd)) socket.destroy()
      else if (!options.ignores?.includes(packet.cmd)) answer(packet)
    })
    socket.on('data', chunk => reader.parse(chunk))
  }
  const server = createServer(serve)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    ...{ port, published, connects },
    url: `mqtt://127.0.0.1:${port}`,
    mostInFlight: () => mostInFlight,
    behave: next => {
      options = next
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
