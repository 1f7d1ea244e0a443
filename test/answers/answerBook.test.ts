import { expect, test } from 'vitest'
import type { AnsweredImage } from '../../src/answers/answer.ts'
import { type AnswerPlace, answerBook, EMPTY_BOOK } from '../../src/answers/answerBook.ts'
import { float32ToFloat16 } from '../../src/util/float16.ts'
import { ANSWER_MODEL, answerOf } from '../support/answers.ts'
import { axis, DIM } from '../support/embeddings.ts'

const MODEL = { ...ANSWER_MODEL, dim: DIM }
const PLACE: AnswerPlace = { camera: 'front', world: 'crop', light: 'night', event: 'person_walking' }
const IMAGE = answerOf('a').image as AnsweredImage

test('examples are those of the camera, event, world and light, in order', () => {
  const book = answerBook(
    [
      answerOf('a'),
      answerOf('b', { camera: 'back' }),
      answerOf('c', { event: 'van' }),
      answerOf('d', { image: { ...IMAGE, world: 'whole' } }),
      answerOf('e', { image: { ...IMAGE, light: 'day' } }),
      answerOf('f', { yes: false, at: 700, phrases: 'reworded' }),
    ],
    MODEL,
  )
  expect(book(PLACE).map(({ at, yes }) => [at, yes])).toEqual([
    [500, true],
    [700, false],
  ])
  expect(book(PLACE)[0]?.embedding).toEqual(axis(0))
  expect(book({ ...PLACE, light: 'day' })).toHaveLength(1)
  expect(book({ ...PLACE, camera: 'gate' })).toHaveLength(0)
})

test('images of another model or variant, and answers without one, are no examples', () => {
  const others = [
    answerOf('a', { image: { ...IMAGE, sha256: 'cd'.repeat(32) } }),
    answerOf('b', { image: { ...IMAGE, variant: 'fp32' } }),
    answerOf('c', { image: { ...IMAGE, vector: float32ToFloat16(axis(0, DIM + 1)) } }),
    answerOf('d', { image: null }),
  ]
  expect(answerBook(others, MODEL)(PLACE)).toHaveLength(0)
})

test('a place without answers has always the same empty list: nothing is fitted again for it', () => {
  expect(answerBook([], MODEL)(PLACE)).toBe(EMPTY_BOOK(PLACE))
  const book = answerBook([answerOf('a')], MODEL)
  expect(book(PLACE)).toBe(book({ ...PLACE }))
})
