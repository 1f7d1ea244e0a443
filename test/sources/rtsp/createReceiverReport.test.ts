import { expect, test } from 'vitest'
import { createReceiverReport } from '../../../src/sources/rtsp/createReceiverReport.ts'

function packet(sequence: number, source = 7): Buffer {
  const bytes = Buffer.alloc(20)
  bytes[0] = 0x80
  bytes.writeUInt16BE(sequence & 0xffff, 2)
  bytes.writeUInt32BE(source, 8)
  return bytes
}

function reportOn(sequences: readonly number[]) {
  const receiver = createReceiverReport()
  for (const each of sequences) receiver.saw(packet(each))
  const bytes = receiver.report() ?? Buffer.alloc(0)
  return {
    kinds: [bytes[1], bytes[33]],
    bytes: [4 * (bytes.readUInt16BE(2) + 1), 4 * (bytes.readUInt16BE(34) + 1), bytes.length],
    source: bytes.readUInt32BE(8),
    fraction: bytes[12],
    lost: bytes.readUIntBE(13, 3),
    highest: bytes.readUInt32BE(16),
  }
}

test('nothing is reported before the first packet', () => {
  expect(createReceiverReport().report()).toBeNull()
})

test('a report with a name, over the end of the numbers', () => {
  expect(reportOn([65_534, 65_535, 0, 2, 1])).toEqual({
    ...{ kinds: [201, 202], bytes: [32, 20, 52], source: 7 },
    ...{ fraction: 0, lost: 0, highest: 65_538 },
  })
})

test('losses are counted; a camera that starts again has lost nothing', () => {
  expect(reportOn([1, 2, 4])).toMatchObject({ fraction: 64, lost: 1, highest: 4 })
  expect(reportOn([1, 2, 30_000, 30_001])).toMatchObject({ fraction: 0, lost: 0, highest: 30_001 })
})
