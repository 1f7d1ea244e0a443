import { expect, test } from 'vitest'
import { floatsOf } from '../../../src/onnx/tensor.ts'
import { findLinears, transpose, weightsOf } from '../../../src/onnx/variants/linears.ts'
import { HIDDEN, tinyGraph, WIDTH } from './tinyGraph.ts'

test('finds every way to write a linear layer', () => {
  const found = findLinears(tinyGraph())
  expect(found.map(({ name, rows, columns, transposed, bias }) => ({ name, rows, columns, transposed, bias }))).toEqual(
    [
      { name: 'up', rows: WIDTH, columns: HIDDEN, transposed: false, bias: null },
      { name: 'down.weight', rows: HIDDEN, columns: WIDTH, transposed: true, bias: null },
      { name: 'project', rows: WIDTH, columns: 48, transposed: true, bias: 'project.bias' },
    ],
  )
})

test('returns weights as inputs by outputs for every storage order', () => {
  const graph = tinyGraph()
  const [up, down] = findLinears(graph)
  if (up === undefined || down === undefined) throw new Error('no layers')
  expect(weightsOf(graph, up)).toEqual(floatsOf(graph.initializers.get('up.weight') as never))
  const stored = floatsOf(graph.initializers.get('down.weight') as never)
  expect(weightsOf(graph, down)[3 * WIDTH + 5]).toBe(stored[5 * HIDDEN + 3])
})

test('transposes shapes that do not fill tiles', () => {
  const values = Float32Array.from({ length: 35 * 67 }, (_, i) => i)
  const turned = transpose(values, 35, 67)
  expect(turned[66 * 35 + 34]).toBe(34 * 67 + 66)
  expect(transpose(turned, 67, 35)).toEqual(values)
})
