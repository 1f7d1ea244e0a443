import { expect, test } from 'vitest'
import { createReorder } from '../../../src/sources/rtsp/openUdp.ts'

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

test('a camera that begins anew is followed', () => {
  expect(reordered([10, 11, 40_000, 40_001])).toEqual([10, 11, 40_000, 40_001])
})
