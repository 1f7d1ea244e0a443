import fc from 'fast-check'
import { expect, test } from 'vitest'
import { averagePrecision } from '../../src/eval/averagePrecision.ts'
import { evaluateSpans } from '../../src/eval/evaluateSpans.ts'

const point = (recall: number, precision: number) => ({
  threshold: 0.5,
  accuracy: { ...evaluateSpans([], []), recall, precision },
})

test('the area under the curve, with precision taken from the best at that recall or above', () => {
  // 0 to 0.2 at 1; 0.2 to 0.4 at 0.67, because recall 0.6 has that; 0.4 to 0.6 at 0.67; 0.6 to 0.8 at 0.5.
  const points = [point(0.2, 1), point(0.4, 0.5), point(0.6, 0.67), point(0.8, 0.5)]
  expect(averagePrecision(points)).toBeCloseTo(0.2 * 1 + 0.2 * 0.67 + 0.2 * 0.67 + 0.2 * 0.5)
  expect(averagePrecision([...points].reverse())).toBe(averagePrecision(points))
})

test('perfect is 1, nothing found is 0', () => {
  expect(averagePrecision([point(1, 1)])).toBe(1)
  expect(averagePrecision([point(0, 1)])).toBe(0)
  expect(averagePrecision([])).toBe(0)
})

test('it lies in [0, 1], and another point never lowers it', () => {
  const fraction = fc.integer({ min: 0, max: 100 }).map(percent => percent / 100)
  const points = fc.array(fc.tuple(fraction, fraction).map(([recall, precision]) => point(recall, precision)))
  fc.assert(
    fc.property(points, fraction, fraction, (some, recall, precision) => {
      const area = averagePrecision(some)
      expect(area).toBeGreaterThanOrEqual(0)
      expect(area).toBeLessThanOrEqual(1 + 1e-9)
      expect(averagePrecision([...some, point(recall, precision)])).toBeGreaterThanOrEqual(area - 1e-9)
    }),
  )
})
