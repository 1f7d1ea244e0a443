import { expect, test } from 'vitest'
import { createMoments } from '../../../src/commands/eval/createMoments.ts'
import { scored } from '../../support/frames.ts'

const frame = (at: number, car: number, jpeg = true) =>
  scored('one', at, { car }, { jpeg: jpeg ? Uint8Array.of(at / 1000) : null })

test('the middle of a span and its highest score, also where spans overlap', () => {
  const [first, second, none] = [
    { from: 1000, to: 6000 },
    { from: 4000, to: 9000 },
    { from: 20_000, to: 30_000 },
  ]
  const moments = createMoments(new Map([['car', [first, second, none]]]))
  const scores = [0.9, 0.1, 0.4, 0.2, 0.3, 0.6, 0.7, 0.1, 0.2, 0.9]
  for (const [second, score] of scores.entries()) moments.take(frame(second * 1000, score))
  const shown = (span: typeof first) => {
    const { middle, highest } = moments.of(span) ?? {}
    return [middle?.at, highest?.at, highest?.score]
  }
  expect(shown(first)).toEqual([3000, 5000, 0.6])
  expect(shown(second)).toEqual([6000, 6000, 0.7])
  expect(moments.of(none)).toBeNull()
})

test('frames without an image are passed over', () => {
  const span = { from: 0, to: 3000 }
  const moments = createMoments(new Map([['car', [span]]]))
  moments.take(frame(1000, 0.9, false))
  expect(moments.of(span)).toBeNull()
  moments.take(frame(2000, 0.1))
  expect(moments.of(span)?.highest.at).toBe(2000)
})
