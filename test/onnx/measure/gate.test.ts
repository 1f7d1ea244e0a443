import { expect, test } from 'vitest'
import { gateOf, judge } from '../../../src/onnx/measure/gate.ts'
import { parseVariant } from '../../../src/onnx/variants/names.ts'

const gate = { cosineMean: 0.95, cosineMin: 0.9, agreement: 0.98 }
const recipe = (name: string) => parseVariant(name, { prune: 0.3, slim: 0.5 })

test('lets through what reaches every limit', () => {
  expect(judge(gate, { mean: 0.95, min: 0.9, frames: 3 }, 0.98)).toEqual({ passed: true, misses: [] })
})

test('says by how much each limit was missed', () => {
  expect(judge(gate, { mean: 0.9412, min: 0.89, frames: 3 }, 0.97).misses).toEqual([
    'cosine mean 0.9412 is 0.0088 below 0.9500',
    'cosine min 0.8900 is 0.0100 below 0.9000',
    'event agreement 0.9700 is 0.0100 below 0.9800',
  ])
})

test('without events the embeddings alone are judged', () => {
  expect(judge(gate, { mean: 1, min: 1, frames: 3 }, null).passed).toBe(true)
})

test('an embedding that is no number never passes', () => {
  expect(judge(gate, { mean: Number.NaN, min: Number.NaN, frames: 3 }, null).passed).toBe(false)
})

test('a combination is judged by its coarsest part', () => {
  expect(gateOf(recipe('slim-50+int8'))).toEqual(gateOf(recipe('slim-50')))
  expect(gateOf(recipe('pruned-30+fp16'))).toEqual(gateOf(recipe('int4')))
  expect(gateOf(recipe('int8')).cosineMean).toBeLessThan(gateOf(recipe('fp16')).cosineMean)
})
