import { describe, expect, test } from 'vitest'
import { describeSteps, parseVariant, variantName } from '../../../src/onnx/variants/names.ts'

const shares = { pruneAmount: 0.3, slimAmount: 0.5 }

test.each([
  ['fp32', []],
  ['int8', [{ kind: 'int8' }]],
  ['pruned', [{ kind: 'pruned', amount: 0.3 }]],
  ['pruned-12.5', [{ kind: 'pruned', amount: 0.125 }]],
  ['slim-25', [{ kind: 'slim', heads: 0.25, neurons: 0.25 }]],
  ['slim+int8', [{ kind: 'slim', heads: 0.5, neurons: 0.5 }, { kind: 'int8' }]],
])('%s', (name, steps) => {
  expect(parseVariant(name, shares)).toEqual(steps)
})

test.each(['fp32', 'fp16', 'int8', 'int4', 'pruned-30', 'slim-50', 'slim-50+int8', 'slim-25+pruned-12.5+fp16'])(
  '%s is the name of its own steps',
  name => {
    expect(variantName(parseVariant(name, shares))).toBe(name)
  },
)

test('removes before it stores, whatever the order written', () => {
  expect(variantName(parseVariant('int8+slim-50', shares))).toBe('slim-50+int8')
})

test('says what is done', () => {
  expect(describeSteps(parseVariant('slim-50+pruned-30+int8', shares))).toEqual([
    'slim: without 50 % of the attention heads and 50 % of the neurons',
    "pruned: the smallest 30 % of every linear layer's weights",
    'int8',
  ])
})

describe('refuses', () => {
  test.each([
    ['imt8', 'Unknown variant `imt8`: `imt8` is no variant; did you mean int8?'],
    ['int8+int4', 'Unknown variant `int8+int4`: it stores the weights in two ways'],
    ['slim+slim', 'Unknown variant `slim+slim`: it does one thing twice'],
    ['pruned-100', 'Unknown variant `pruned-100`: `pruned-100` should end in a percentage from 0 to 99'],
    ['pruned-x', 'Unknown variant `pruned-x`: `pruned-x` should end in a percentage from 0 to 99'],
    ['int8-30', 'Unknown variant `int8-30`: `int8` takes no percentage'],
    ['', 'Unknown variant ``: `` is no variant'],
  ])('%s', (name, message) => {
    expect(() => parseVariant(name, shares)).toThrow(message)
  })
})
