import { describe, expect, test } from 'vitest'
import { createPath, rounded } from '../../../src/demo/world/paths.ts'

describe('createPath', () => {
  const path = createPath([
    [0, 0],
    [3, 0],
    [3, 4],
  ])

  test('walks by arc length', () => {
    expect(path.length).toBe(7)
    expect(path.at(2)).toEqual([2, 0])
    expect(path.at(5)).toEqual([3, 2])
  })

  test('continues straight beyond both ends', () => {
    expect(path.at(-1)).toEqual([-1, 0])
    expect(path.at(9)).toEqual([3, 6])
  })

  test('refuses a path without length', () => {
    expect(() =>
      createPath([
        [1, 1],
        [1, 1],
      ]),
    ).toThrow('two different points')
  })
})

describe('rounded', () => {
  test('keeps the ends and cuts the corner', () => {
    const points = rounded(
      [
        [0, 0],
        [10, 0],
        [10, 10],
      ],
      3,
    )
    expect(points[0]).toEqual([0, 0])
    expect(points.at(-1)).toEqual([10, 10])
    expect(points.every(([x, y]) => Math.hypot(x - 10, y) > 1)).toBe(true)
    expect(createPath(points).length).toBeLessThan(20)
  })
})
