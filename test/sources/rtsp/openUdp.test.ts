import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { createReorder, openUdp } from '../../../src/sources/rtsp/openUdp.ts'

function reordered(sequences: readonly number[]): number[] {
  const out: number[] = []
  const take = createReorder(packet => out.push(packet.readUInt16BE(2)))
  for (const sequence of sequences) {
    const packet = Buffer.alloc(16)
    packet.writeUInt16BE(sequence, 2)
    take(packet)
  }
  return out
}

test('packets are put in order, over the end of the numbers too', () => {
  expect(reordered([65_534, 0, 65_535, 1, 3, 2])).toEqual([65_534, 65_535, 0, 1, 2, 3])
})

test('what comes twice or too late is left out', () => {
  expect(reordered([5, 6, 6, 5, 7])).toEqual([5, 6, 7])
})

test('a packet that never comes is given up', () => {
  const sequences = [1, ...Array.from({ length: 20 }, (_, i) => 3 + i)]
  expect(reordered(sequences)).toEqual(sequences)
})

test('a camera that starts again is followed', () => {
  expect(reordered([10, 11, 40_000, 40_001])).toEqual([10, 11, 40_000, 40_001])
})

const hasIPv6 = Object.values(networkInterfaces()).some(each => each?.some(({ address }) => address === '::1'))
const ADDRESSES = ['127.0.0.1', ...(hasIPv6 ? ['::1'] : [])]

/** An RTP packet of this sequence number. */
const rtp = (sequence: number) => Buffer.from([0x80, 96, sequence >> 8, sequence & 255, ...Array(8).fill(0), 1])

test.each(ADDRESSES)(
  'a camera at %s whose packets are lost and overtaken: all others arrive in order',
  async address => {
    const received: number[] = []
    const udp = await openUdp({ localAddress: address, address, onPacket: each => received.push(each.readUInt16BE(2)) })
    const camera = createSocket(address === '::1' ? 'udp6' : 'udp4')
    onTestFinished(() => {
      udp.close()
      camera.close()
    })
    camera.bind(0, address)
    await once(camera, 'listening')
    const sent = Array.from({ length: 211 }, (_, n) => n).filter(n => n % 23 !== 7)
    const overtaken = sent.map((n, i) => (i % 2 === 0 ? (sent[i + 1] ?? n) : (sent[i - 1] ?? n)))
    // The first one sets where counting begins. After the last gap come more packets than wait for a late one.
    for (const n of [0, ...overtaken.filter(n => n !== 0)]) camera.send(rtp(n), udp.port, address)
    await expect.poll(() => received.length).toBe(sent.length)
    expect(received).toEqual(sent)
  },
)
