import { Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { startBroker } from '../../../src/demo/broker.ts'
import { openConnection } from '../../../src/sinks/mqtt/connection.ts'

afterEach(() => vi.restoreAllMocks())

it('sends small packets at once: a change must not wait for the acknowledgement of the picture before it', async () => {
  const broker = await startBroker(0)
  const ours: Socket[] = []
  const setNoDelay = Socket.prototype.setNoDelay
  vi.spyOn(Socket.prototype, 'setNoDelay').mockImplementation(function (this: Socket, on?: boolean) {
    if (on !== false && this.remotePort === broker.port) ours.push(this)
    return setNoDelay.call(this, on)
  })
  const options = {
    url: broker.url,
    clientId: 'watchword-test',
    insecure: false,
    will: { topic: 'watchword/bridge/state', payload: 'offline' },
    connectTimeoutMs: 5000,
    telemetry: { emit: () => undefined },
  }
  const connection = await openConnection(options, 4, new AbortController().signal)
  expect(ours).toHaveLength(1)
  await connection.end()
  await broker.close()
})
