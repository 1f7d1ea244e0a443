import { expect, test } from 'vitest'
import { spanChart } from '../../../src/commands/report/spanChart.ts'

const SPANS = spanChart('gate <1>', 100_000, [
  {
    label: 'dog & cat',
    labelled: [{ from: 0, to: 50_000, kind: 'truth' }],
    found: [
      { from: 25_000, to: 50_000, kind: 'hit' },
      { from: 90_000, to: 90_001, kind: 'alarm' },
    ],
  },
  { label: 'car', labelled: [], found: [] },
])

const rectangles = [...SPANS.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map(
  ([, kind, x, y, width]) => ({ kind, x: Number(x), y: Number(y), width: Number(width) }),
)

test('labels above, what was found below, on one scale', () => {
  const [truth, hit, alarm] = rectangles
  expect(rectangles.map(({ kind }) => kind)).toEqual(['truth', 'hit', 'alarm'])
  expect(hit?.width).toBeCloseTo((truth?.width ?? 0) / 2, 0)
  expect(hit?.x).toBeCloseTo((truth?.x ?? 0) + (truth?.width ?? 0) / 2, 0)
  expect(hit?.y).toBeGreaterThan(truth?.y ?? 0)
  // A moment is still seen.
  expect(alarm?.width).toBeGreaterThan(1)
})

test('names are escaped', () => {
  expect(SPANS).not.toMatch(/<1>|dog & cat/)
})
