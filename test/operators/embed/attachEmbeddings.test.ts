import { expect, test } from 'vitest'
import { attachEmbeddings } from '../../../src/operators/embed/attachEmbeddings.ts'
import type { Arrival } from '../../../src/operators/embed/encodeFrames.ts'
import type { BatchItem } from '../../../src/operators/embed/fillBatch.ts'
import { frame, status } from '../../support/frames.ts'

const item = (seq: number, encode: boolean): BatchItem => ({
  signal: frame('one', seq, { still: !encode }),
  encode,
  views: [],
})
const answer = (...values: number[]): Arrival[] =>
  values.map(value => ({ variant: 'fake', embedding: Float32Array.of(value), views: [] }))

const numberOf = ({ signal }: BatchItem) => (signal.kind === 'frame' ? signal.seq : signal.state)

function attached(items: readonly BatchItem[], arrivals: readonly Arrival[] | null, last = new Map()) {
  const { signals, lost, orphaned } = attachEmbeddings(last, items, arrivals)
  return {
    signals: signals.map(signal =>
      signal.kind === 'frame' ? `${signal.frame.seq}:${signal.embedding[0]}${signal.reused ? 'r' : ''}` : signal.state,
    ),
    lost: lost.map(numberOf),
    orphaned: orphaned.map(numberOf),
  }
}

test('embeddings go to the frames that were encoded; unchanged frames reuse the one before them', () => {
  expect(attached([item(0, true), item(1, false), item(2, true), item(3, false)], answer(7, 8))).toEqual({
    signals: ['0:7', '1:7r', '2:8', '3:8r'],
    lost: [],
    orphaned: [],
  })
})

test('a lost batch loses its frames and the unchanged ones that showed the same scene', () => {
  const before = new Map([['one', { embedding: Float32Array.of(1), variant: 'fake' }]])
  expect(attached([item(0, false), item(1, true), item(2, false)], null, before)).toEqual({
    signals: ['0:1r'],
    lost: [1],
    orphaned: [2],
  })
})

test('a camera that went offline starts without an embedding', () => {
  const offline: BatchItem = { signal: status('one', 1, 'offline'), encode: false, views: [] }
  expect(attached([item(0, true), offline, item(2, false)], answer(5))).toEqual({
    signals: ['0:5', 'offline'],
    lost: [],
    orphaned: [2],
  })
})
