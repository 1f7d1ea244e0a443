import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { polygonProblem } from '../../src/config/polygonProblem.ts'
import type { Point } from '../../src/types.ts'

const problemOf = (value: unknown) => polygonProblem(value, 100)
/** `0.1,0.2 0.3,0.4` → [[0.1, 0.2], [0.3, 0.4]] */
const corners = (text: string) => text.split(' ').map(pair => pair.split(',').map(Number))
const ring = (count: number, radius = 0.4): Point[] =>
  Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count
    return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)]
  })

/** Corners at growing angles around the centre, less than half a turn apart: such an outline cannot cross itself. */
const star = fc
  .array(
    fc.record({
      shift: fc.double({ min: 0, max: 0.8, noNaN: true }),
      radius: fc.double({ min: 0.1, max: 0.45, noNaN: true }),
    }),
    { minLength: 4, maxLength: 100 },
  )
  .map(corners =>
    corners.map(({ shift, radius }, i): Point => {
      const angle = (2 * Math.PI * (i + shift)) / corners.length
      return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)]
    }),
  )

describe('a polygon that can be used', () => {
  test('any outline that does not cross itself, begun at any corner, in either direction', () => {
    fc.assert(
      fc.property(star, fc.nat(), (polygon, start) => {
        const first = start % polygon.length
        const rotated = [...polygon.slice(first), ...polygon.slice(0, first)]
        expect(problemOf(polygon)).toBeNull()
        expect(problemOf(rotated)).toBeNull()
        expect(problemOf(rotated.toReversed())).toBeNull()
      }),
    )
  })

  test.each([
    ['a triangle', ring(3)],
    ['the whole image', corners('0,0 1,0 1,1 0,1')],
    ['corners on a straight line', corners('0.1,0.1 0.3,0.1 0.5,0.1 0.5,0.5 0.3,0.3')],
    ['100 corners', ring(100)],
  ])('%s', (_, polygon) => {
    expect(problemOf(polygon)).toBeNull()
  })
})

describe('an outline that crosses itself', () => {
  test('two neighbours of a convex outline swapped, whatever comes first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 100 }), fc.nat(), fc.boolean(), (corners, at, turned) => {
        const polygon = ring(corners)
        const i = at % (corners - 1)
        const [a, b] = [polygon[i] as Point, polygon[i + 1] as Point]
        polygon.splice(i, 2, b, a)
        expect(problemOf(turned ? polygon.toReversed() : polygon)?.message).toMatch(/^The outline crosses itself/)
      }),
    )
  })

  test('it names both lines', () => {
    const bow = corners('0.1,0.1 0.5,0.5 0.5,0.1 0.1,0.5')
    expect(problemOf(bow)).toEqual({
      path: [],
      message:
        'The outline crosses itself: the line from corner 1 to 2 meets the one from 3 to 4; list the corners in order around the outline',
    })
  })

  test('touching counts as crossing', () => {
    const touching = corners('0.1,0.1 0.9,0.1 0.9,0.9 0.5,0.1 0.1,0.9')
    expect(problemOf(touching)?.message).toMatch(/^The outline crosses itself: the line from corner 1 to 2 meets/)
  })
})

test.each([
  ['a text', 'gate', [], 'Expected a list of corners [x, y], got a string'],
  ['nothing', null, [], 'Expected a list of corners [x, y], got nothing'],
  ['a map', { x: 1 }, [], 'Expected a list of corners [x, y], got a map'],
  ['two corners', ring(3).slice(1), [], 'Expected at least 3 corners, got 2'],
  [
    '1,000 corners',
    ring(1000),
    [],
    'Expected at most 100 corners, got 1000: leave out corners that lie close together',
  ],
  ['a number for a corner', [0.1, 0.2, 0.3, 0.4], [0], 'Expected a corner [x, y], got 0.1'],
  [
    'three numbers',
    [
      [0.1, 0.2],
      [0.1, 0.2, 0.3],
      [0.5, 0.5],
    ],
    [1],
    'Expected a corner [x, y], got a list of 3',
  ],
  [
    'a text for a number',
    [
      ['left', 0],
      [1, 0],
      [1, 1],
    ],
    [0, 0],
    'Expected `x` to be a number from 0 to 1, got a string',
  ],
  [
    'NaN',
    [
      [0, Number.NaN],
      [1, 0],
      [1, 1],
    ],
    [0, 1],
    'Expected `y` to be a number from 0 to 1, got NaN',
  ],
  [
    'infinity',
    [
      [0, 0],
      [1, 0],
      [1, Infinity],
    ],
    [2, 1],
    'Expected `y` to be a number from 0 to 1, got Infinity',
  ],
  [
    'a pixel column',
    corners('640,0 1,0 1,1'),
    [0, 0],
    'Expected fractions of the image, such as 0.5, got 640: divide by the width',
  ],
  [
    'a pixel row',
    corners('0.5,360 1,0 1,1'),
    [0, 1],
    'Expected fractions of the image, such as 0.5, got 360: divide by the height',
  ],
  [
    'beyond the right edge',
    corners('0,0 1.02,0 1,1'),
    [1, 0],
    'Expected `x` to be at most 1, the right edge, got 1.02',
  ],
  ['below the bottom edge', corners('0,0 1,0 1,1.5'), [2, 1], 'Expected `y` to be at most 1, the bottom edge, got 1.5'],
  [
    'left of the left edge',
    corners('-0.1,0 1,0 1,1'),
    [0, 0],
    'Expected `x` to be at least 0, the left edge, got -0.1',
  ],
  ['above the top edge', corners('0,-2 1,0 1,1'), [0, 1], 'Expected `y` to be at least 0, the top edge, got -2'],
  [
    'a closed ring',
    corners('0,0 1,0 1,1 0,0'),
    [3],
    'Corner 4 is the same as corner 1: leave it out, the outline closes by itself',
  ],
  ['a corner twice', corners('0,0 1,0 1,0 1,1'), [2], 'Corner 3 is the same as corner 2: leave it out'],
  [
    'a spike',
    corners('0.1,0.1 0.5,0.1 0.3,0.1 0.3,0.5'),
    [1],
    'The outline turns back on itself at corner 2: move this corner or leave it out',
  ],
  [
    'a line',
    corners('0.1,0.1 0.5,0.5 0.9,0.9'),
    [0],
    'The outline turns back on itself at corner 1: move this corner or leave it out',
  ],
  [
    'a speck',
    corners('0.1,0.1 0.101,0.1 0.1,0.101'),
    [],
    'Expected an area of at least 0.0001 of the image, got 5e-7: a zone or mask this small covers a few pixels',
  ],
])('%s is refused with one line', (_, value, path, message) => {
  expect(problemOf(value)).toEqual({ path, message })
})
