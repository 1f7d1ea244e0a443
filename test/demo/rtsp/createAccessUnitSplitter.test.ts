import { expect, test } from 'vitest'
import { type AccessUnit, createAccessUnitSplitter } from '../../../src/demo/rtsp/createAccessUnitSplitter.ts'
import { packetize } from '../../../src/demo/rtsp/packetize.ts'

const delimiter = Buffer.of(0x09, 0xf0)
const sps = Buffer.of(0x67, 1, 2, 3)
const idr = Buffer.concat([Buffer.of(0x65), Buffer.alloc(5000, 7)])
const slice = Buffer.of(0x41, 9)
const stream = Buffer.concat(
  [delimiter, sps, idr, delimiter, slice, delimiter].flatMap(nal => [Buffer.of(0, 0, 0, 1), nal]),
)

test.each([1, 2, 3, 7, 100, stream.length])('finds the same access units in chunks of %i bytes', portion => {
  const units: AccessUnit[] = []
  const write = createAccessUnitSplitter(unit => units.push(unit))
  for (let i = 0; i < stream.length; i += portion) write(stream.subarray(i, i + portion))
  write(Buffer.of(0, 0, 1))
  expect(units).toEqual([
    { nals: [sps, idr], key: true },
    { nals: [slice], key: false },
  ])
})

test('fragments carry the whole unit, in sequence, and only the last packet has the marker', () => {
  const state = { ssrc: 5, sequence: 65_535 }
  const packets = packetize({ nals: [sps, idr], key: true }, 90_000, state, 1200)
  expect(packets.map(packet => packet.readUInt16BE(2))).toEqual([65_535, 0, 1, 2, 3, 4])
  expect(packets.map(packet => (packet[1] ?? 0) >> 7)).toEqual([0, 0, 0, 0, 0, 1])
  expect(Math.max(...packets.map(packet => packet.length))).toBeLessThanOrEqual(1212)
  const bodies = packets.slice(1).map(packet => packet.subarray(14))
  expect(Buffer.concat([Buffer.of(0x65), ...bodies])).toEqual(idr)
})
