import { expect, test } from 'vitest'
import { mergeMoments } from '../../../src/commands/search/mergeMoments.ts'

const seen = (at: number, rank: number, rest: { camera?: string; until?: number } = {}) => ({
  camera: 'a',
  at,
  until: at,
  rank,
  ...rest,
})

test('the best view of each moment, best first', () => {
  const [low, high, other] = [seen(0, 1), seen(5, 3), seen(100, 2)]
  expect(mergeMoments([low, high, other], 10, 9)).toEqual([high, other])
})

test('moments do not grow from neighbour to neighbour', () => {
  const chain = [0, 8, 16, 24].map((at, i) => seen(at, 10 - i))
  expect(mergeMoments(chain, 10, 9).map(({ at }) => at)).toEqual([0, 16])
})

test('a view counts until its last near copy; cameras do not mix', () => {
  const views = [seen(0, 3, { until: 500 }), seen(505, 2), seen(5, 1, { camera: 'b' })]
  expect(mergeMoments(views, 10, 9).map(({ camera, at }) => `${camera}${at}`)).toEqual(['a0', 'b5'])
})

test('of equal ones the earlier, and no more than are wanted', () => {
  const views = [seen(300, 1), seen(100, 1), seen(200, 1)]
  expect(mergeMoments(views, 10, 2).map(({ at }) => at)).toEqual([100, 200])
})
