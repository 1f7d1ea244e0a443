import { expect, test } from 'vitest'
import { curveChart } from '../../../src/commands/report/curveChart.ts'

const point = (threshold: number, recall: number, precision: number) => ({ threshold, recall, precision })

test('one line for each variant, a point for each threshold, the one that is set on top', () => {
  const points = [point(0.1, 1, 0.25), point(0.5, 0.5, 1)]
  const chart = curveChart('dog', [
    { label: 'int8', points, now: point(0.5, 0.5, 1) },
    { label: 'fp32', points: points.slice(1), now: null },
  ])
  expect(chart.match(/<polyline class="curve curve[01]"/g)).toHaveLength(2)
  expect(chart.match(/<circle class="point"/g)).toHaveLength(3)
  expect(chart.match(/<circle class="point now"/g)).toHaveLength(1)
  expect(chart).toContain('<title>threshold 0.10: precision 0.25, recall 1.00</title>')
  const [, x = '', y = '', laterX = '', laterY = ''] = /points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"/.exec(chart) ?? []
  // More recall is further right, more precision further up.
  expect(Number(x)).toBeGreaterThan(Number(laterX))
  expect(Number(y)).toBeGreaterThan(Number(laterY))
})
