import { expect, test } from 'vitest'
import { gateOf, judge } from '../../../src/onnx/measure/qualityGate.ts'
import { parseVariant } from '../../../src/onnx/variants/parseVariant.ts'

const gate = { cosineMean: 0.95, cosineMin: 0.9, agreement: 0.98, marginChange: 1.5 }
const judged = (mean: number, min: number, share: number | null, batchDifference = 0, marginChange = 1.5) => ({
  cosine: { mean, min, frames: 3 },
  agreement: share === null ? null : { share, decisions: 300 },
  marginChange: share === null ? null : marginChange,
  batchDifference,
})
const recipe = (name: string) => parseVariant(name, { prune: 0.3, slim: 0.5 })

test('passes what reaches every limit', () => {
  expect(judge(gate, judged(0.95, 0.9, 0.98))).toEqual({ passed: true, misses: [] })
})

test('reports by how much each limit was missed', () => {
  expect(judge(gate, judged(0.9412, 0.89, 0.97, 0.002)).misses).toEqual([
    'cosine mean 0.9412 is 0.0088 below 0.9500',
    'cosine min 0.8900 is 0.0100 below 0.9000',
    'event agreement 0.9700 is 0.0100 below 0.9800 (9 of 300 decisions differ)',
    'embeddings depend on their batch by 2.0e-3',
  ])
})

test('a variant that keeps its vectors but moves margins by more than allowed is rejected', () => {
  expect(judge(gate, judged(1, 1, 1, 0, 1.62)).misses).toEqual([
    'margins change by 1.62 widths of the score (99th percentile), more than 1.50',
  ])
  expect(judge(gate, judged(1, 1, 1, 0, Number.NaN)).passed).toBe(false)
})

test('without events the embeddings alone are judged', () => {
  expect(judge(gate, judged(1, 1, null)).passed).toBe(true)
})

test('a NaN never passes', () => {
  expect(judge(gate, judged(Number.NaN, Number.NaN, null)).passed).toBe(false)
  expect(judge(gate, judged(1, 1, null, Number.NaN)).passed).toBe(false)
})

test('a combination is judged by its coarsest part', () => {
  expect(gateOf(recipe('slim-50+int8'))).toEqual(gateOf(recipe('slim-50')))
  expect(gateOf(recipe('pruned-30+fp16'))).toEqual(gateOf(recipe('int4')))
  expect(gateOf(recipe('int8')).cosineMean).toBeLessThan(gateOf(recipe('fp16')).cosineMean)
})
