import { expect, test } from 'vitest'
import { type BatchItem, EMPTY_BATCH, fillBatch, withoutScene } from '../../../src/operators/embed/fillBatch.ts'
import type { MarkedFrame, Signal } from '../../../src/types.ts'
import { frame, status } from '../../support/frames.ts'

/** Lower case: a frame to encode, upper case: an unchanged one, `>`: the end of the file, `!`: the camera is lost. */
function signalOf(letter: string): Signal<MarkedFrame> {
  if (letter === '>') return status('one', 0, 'ended')
  if (letter === '!') return status('one', 0, 'offline')
  return frame('one', letter.charCodeAt(0), { still: letter === letter.toUpperCase() })
}

function batchesOf(letters: string, batchSize: number, start = EMPTY_BATCH): string[] {
  let state = start
  const batches: string[] = []
  for (const letter of letters) {
    const [next, closed] = fillBatch(state, signalOf(letter), batchSize)
    state = next
    if (closed) batches.push(written(closed))
  }
  return [...batches, `${written(state.filling)}…`]
}

function written(items: readonly BatchItem[]): string {
  const letter = ({ signal, encode }: BatchItem) => {
    if (signal.kind === 'status') return signal.state === 'ended' ? '>' : '!'
    return encode ? String.fromCharCode(signal.seq).toLowerCase() : String.fromCharCode(signal.seq)
  }
  return items.map(letter).join('')
}

test.each([
  ['a batch closes when it holds enough frames to encode', 'abcde', ['ab', 'cd', 'e…']],
  ['unchanged frames travel with the batch and do not fill it', 'aBCdE', ['aBCd', 'E…']],
  ['a batch of nearly only unchanged frames closes at four times its size', 'aBCDEFGHI', ['aBCDEFGH', 'I…']],
  ['the end of a file closes the batch', 'a>b', ['a>', 'b…']],
  ['the first unchanged frame after a loss is encoded', 'a!BC', ['a!b', 'C…']],
])('%s', (_, letters, expected) => {
  expect(batchesOf(letters, 2)).toEqual(expected)
})

test('after a frame was lost, the next unchanged frame of its camera is encoded', () => {
  const [state] = fillBatch(EMPTY_BATCH, signalOf('a'), 1)
  expect(batchesOf('B', 4, state)).toEqual(['B…'])
  expect(batchesOf('B', 4, withoutScene(state, 'one'))).toEqual(['b…'])
})
