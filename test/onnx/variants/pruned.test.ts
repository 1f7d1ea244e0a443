import { expect, test } from 'vitest'
import { pruned } from '../../../src/onnx/variants/pruned.ts'
import { addStatistics, statisticsOf } from '../../../src/onnx/variants/statistics.ts'
import { HIDDEN, tinyGraph, WIDTH } from './tinyGraph.ts'

const linear = WIDTH * HIDDEN * 2 + WIDTH * 48
const total = linear + WIDTH * 64 + HIDDEN + 48

test('every linear layer loses its fraction, nothing else does', () => {
  const removed = WIDTH * HIDDEN * 0.3 * 2 + Math.round(WIDTH * 48 * 0.3)
  expect(statisticsOf(pruned(tinyGraph(), { amount: 0.3 }))).toEqual({
    total,
    nonZero: total - removed,
    removed,
    sparsity: removed / total,
  })
})

test('prunes only the chosen layers', () => {
  const graph = pruned(tinyGraph(), { amount: 0.5, layers: name => name === 'up' })
  expect(statisticsOf(graph).removed).toBe((WIDTH * HIDDEN) / 2)
})

test('counts both towers together', () => {
  const one = statisticsOf(pruned(tinyGraph(), { amount: 0.5 }))
  const both = addStatistics(one, statisticsOf(tinyGraph()))
  expect(both.total).toBe(2 * total)
  expect(both.sparsity).toBeCloseTo(one.sparsity / 2, 12)
})

test.each([-0.1, 1, 1.5, Number.NaN])('refuses an amount of %d', amount => {
  expect(() => pruned(tinyGraph(), { amount })).toThrow('Expected the prune amount to be at least 0 and below 1')
})
