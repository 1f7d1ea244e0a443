import { createServer, Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { startBroker } from '../../../src/demo/startBroker.ts'
import { createBrokerLimits } from '../../../src/sinks/mqtt/brokerLimits.ts'
import { openConnection } from '../../../src/sinks/mqtt/connection.ts'

afterEach(() => vi.restoreAllMocks())

it('sends small packets at once: a change must not wait for the acknowledgement of the snapshot before it', async () => {
  const broker = await startBroker(0)
  const ours: Socket[] = []
  const setNoDelay = Socket.prototype.setNoDelay
  vi.spyOn(Socket.prototype, 'setNoDelay').mockImplementation(function (this: Socket, on?: boolean) {
    if (on !== false && this.remotePort === broker.port) ours.push(this)
    return setNoDelay.call(this, on)
  })
  const connection = await openConnection(options(broker.url), attempt(4))
  expect(ours).toHaveLength(1)
  await connection.end()
  await broker.close()
})

it.each([
  [0x8e, 'disconnected by the broker: Session taken over', /`mqtt.client_id`/],
  [0x87, 'disconnected by the broker: Not authorized', /`mqtt.password`/],
  [0x8b, 'disconnected by the broker: Server shutting down', null],
  [0x00, 'disconnected by the broker: no reason given', null],
])('reports why the broker closed the connection: reason code %i', async (code, message, advice) => {
  // CONNACK, then DISCONNECT: MQTT 5 sections 3.2 and 3.14.
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(Buffer.from([0x20, 3, 0, 0, 0]))
      socket.once('data', () => socket.end(Buffer.from([0xe0, 2, code, 0])))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const connection = await openConnection(options(url), attempt(5))
  expect(await connection.publish('watchword/events', '', { retain: false })).toBe('failed')
  const reason = await connection.closed
  server.close()
  expect(reason?.message).toBe(message)
  if (advice === null) expect(reason?.advice).toBeNull()
  else expect(reason?.advice).toMatch(advice)
})

it('notices an end right after the CONNACK', async () => {
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(Buffer.from([0x20, 3, 0, 0, 0, 0xe0, 2, 0x8b, 0])))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const reason = await openConnection(options(url), attempt(5)).then(
    ({ closed }) => closed,
    error => error,
  )
  server.close()
  expect(reason?.message).toBe('disconnected by the broker: Server shutting down')
})

function attempt(protocol: 4 | 5) {
  return { protocol, limits: createBrokerLimits(), signal: new AbortController().signal }
}

function options(url: string) {
  return {
    url,
    clientId: 'watchword-test',
    insecure: false,
    will: { topic: 'watchword/bridge/state', payload: 'offline' },
    connectTimeoutMs: 5000,
    telemetry: { emit: () => undefined },
  }
}
