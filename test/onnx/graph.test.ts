import { expect, it } from 'vitest'
import { type Graph, indexGraph, mapNodes, node, pruneUnused, withOpset } from '../../src/onnx/graph.ts'
import { floatTensor } from '../../src/onnx/tensor.ts'

const relu = (name: string, input: string) => node({ op: 'Relu', name, inputs: [input], outputs: [name] })

const graph: Graph = {
  name: 'chain',
  inputs: [{ name: 'x', dtype: 'float32', dims: [1] }],
  outputs: [{ name: 'c', dtype: 'float32', dims: [1] }],
  nodes: [
    relu('a', 'x'),
    node({ op: 'Add', name: 'b', inputs: ['a', 'w'], outputs: ['b'] }),
    relu('c', 'b'),
    relu('dead', 'a'),
  ],
  initializers: new Map([
    ['w', floatTensor([1], [1])],
    ['unused', floatTensor([1], [2])],
  ]),
  opsets: new Map([['', 17]]),
  metadata: new Map(),
  functions: [],
}
const opsOf = ({ nodes }: Graph) => nodes.map(({ op, inputs }) => `${op}(${inputs})`)

it('finds producer and consumers of a value', () => {
  const index = indexGraph(graph)
  expect(index.producerOf('b')?.op).toBe('Add')
  expect(index.producerOf('x')).toBeUndefined()
  expect(index.consumersOf('a').map(({ name }) => name)).toEqual(['b', 'dead'])
  expect(index.consumersOf('c')).toEqual([])
  expect([index.isOutput('c'), index.isOutput('b')]).toEqual([true, false])
})

it('drops what no output depends on, and keeps the order', () => {
  const pruned = pruneUnused(graph)
  expect(opsOf(pruned)).toEqual(['Relu(x)', 'Add(a,w)', 'Relu(b)'])
  expect([...pruned.initializers.keys()]).toEqual(['w'])
  expect(graph.nodes).toHaveLength(4)
})

it('keeps what only a subgraph uses', () => {
  const branch = { type: 'other', proto: {} as never, captures: ['unused'] } as const
  const withBranch = mapNodes(graph, each =>
    each.name === 'c' ? { ...each, op: 'If', attributes: { then_branch: branch } } : each,
  )
  expect([...pruneUnused(withBranch).initializers.keys()]).toEqual(['w', 'unused'])
})

it('replaces a node by several, one or none', () => {
  const changed = mapNodes(graph, each => (each.op === 'Add' ? [] : each.name === 'c' ? [each, each] : each))
  expect(opsOf(changed)).toEqual(['Relu(x)', 'Relu(b)', 'Relu(b)', 'Relu(a)'])
})

it('declares an operator set, never a lower one', () => {
  expect(withOpset(graph, '', 13).opsets.get('')).toBe(17)
  expect(withOpset(graph, '', 21).opsets.get('')).toBe(21)
  expect(withOpset(graph, 'com.microsoft', 1).opsets.get('com.microsoft')).toBe(1)
})
