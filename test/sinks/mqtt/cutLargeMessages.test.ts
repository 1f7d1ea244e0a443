import { generate, type Packet, parser } from 'mqtt-packet'
import { expect, it } from 'vitest'
import { cutLargeMessages } from '../../../src/sinks/mqtt/cutLargeMessages.ts'

/** Writes bytes in pieces of this size; returns the packets that come out, or the error. */
async function passed(bytes: Buffer, maxBytes: number, piece: number): Promise<Packet[] | Error> {
  const cut = cutLargeMessages(maxBytes)
  const packets: Packet[] = []
  const reader = parser({ protocolVersion: 4 })
  reader.on('packet', packet => packets.push(packet))
  cut.on('data', chunk => reader.parse(chunk))
  const over = new Promise<Packet[] | Error>(resolve => {
    cut.once('end', () => resolve(packets)).once('error', resolve)
  })
  for (let at = 0; at < bytes.length; at += piece) cut.write(bytes.subarray(at, at + piece))
  cut.end()
  return over
}

const publish = (bytes: number, qos: 0 | 1 = 0): Packet => ({
  ...{ cmd: 'publish', topic: 'watchword/bridge/request/reload', qos, dup: false, retain: false },
  ...{ payload: Buffer.alloc(bytes, 'x'), messageId: 7 },
})
const puback: Packet = { cmd: 'puback', messageId: 9 }

it.each([1, 2, 3, 1000, 100_000])(
  'cuts a message that is too large and passes what follows, in pieces of %i',
  async piece => {
    const bytes = Buffer.concat([publish(10), publish(70_000, 1), puback, publish(300)].map(packet => generate(packet)))
    const packets = (await passed(bytes, 400, piece)) as Packet[]
    expect(packets.map(({ cmd }) => cmd)).toEqual(['publish', 'publish', 'puback', 'publish'])
    expect(packets.map(packet => (packet.cmd === 'publish' ? packet.payload.length : 0))).toEqual([
      10,
      400 - 33 - 2,
      0,
      300,
    ])
    // It can still be acknowledged.
    expect(packets[1]).toMatchObject({ qos: 1, messageId: 7, topic: 'watchword/bridge/request/reload' })
  },
)

it.each([0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])('passes a message of %i bytes unchanged', async bytes => {
  const [packet] = (await passed(generate(publish(bytes)), 3_000_000, 65_536)) as Packet[]
  expect(packet).toMatchObject({ cmd: 'publish' })
  expect((packet as { payload: Buffer }).payload).toHaveLength(bytes)
})

it('ends at a header that is not MQTT, and at a large packet that is not a message', async () => {
  expect(await passed(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]), 400, 100)).toBeInstanceOf(Error)
  expect(await passed(Buffer.from([0x90, 0xff, 0xff, 0xff, 0x7f]), 400, 100)).toBeInstanceOf(Error)
})

it('buffers no part of a message that announces 256 MB', async () => {
  const cut = cutLargeMessages(1000)
  let out = 0
  cut.on('data', (chunk: Buffer) => {
    out += chunk.length
  })
  cut.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))
  for (let n = 0; n < 20; n++) await new Promise<void>(resolve => cut.write(Buffer.alloc(65_536), () => resolve()))
  expect(out).toBe(1000 + 3)
})
