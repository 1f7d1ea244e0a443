import { describe, expect, test } from 'vitest'
import { describeRecipe } from '../../../src/onnx/recipe.ts'
import { parseVariant } from '../../../src/onnx/variants/parseVariant.ts'

const shares = { prune: 0.3, slim: 0.5 }

test.each([
  ['fp32', { slim: null, prune: 0, store: 'fp32' }],
  ['int8', { slim: null, prune: 0, store: 'int8' }],
  ['pruned', { slim: null, prune: 0.3, store: 'fp32' }],
  ['pruned-12.5', { slim: null, prune: 0.125, store: 'fp32' }],
  ['slim-25', { slim: { heads: 0.25, neurons: 0.25 }, prune: 0, store: 'fp32' }],
  ['slim+int8', { slim: { heads: 0.5, neurons: 0.5 }, prune: 0, store: 'int8' }],
])('%s', (name, recipe) => {
  expect(parseVariant(name, shares)).toMatchObject({ ...recipe, layers: [] })
})

test.each(['fp32', 'fp16', 'int8', 'int4', 'pruned-30', 'slim-50', 'slim-50+int8', 'slim-25+pruned-12.5+fp16'])(
  '%s is the name of its own recipe',
  name => {
    expect(parseVariant(name, shares).name).toBe(name)
  },
)

test.each([
  ['int8+slim', 'slim-50+int8'],
  ['pruned+fp32', 'pruned-30'],
  ['INT8', 'int8'],
])('%s has the full name %s', (name, full) => {
  expect(parseVariant(name, shares).name).toBe(full)
})

test('describes the recipe', () => {
  expect(describeRecipe(parseVariant('slim-50+pruned-30+int8', shares))).toEqual([
    'slim: without 50 % of heads, 50 % of neurons',
    "pruned: without the smallest 30 % of each layer's weights",
    'int8',
  ])
})

describe('refuses', () => {
  test.each([
    ['imt8', 'Unknown variant `imt8`: `imt8` is no variant; did you mean `int8`?'],
    ['int8+int4', 'Unknown variant `int8+int4`: it asks for int8 and int4'],
    ['slim+slim', 'Unknown variant `slim+slim`: it asks for slim and slim'],
    ['pruned-100', 'Unknown variant `pruned-100`: `pruned-100` should end in a percentage from 0 to 99'],
    ['pruned-x', 'Unknown variant `pruned-x`: `pruned-x` should end in a percentage from 0 to 99'],
    ['int8-30', 'Unknown variant `int8-30`: `int8` takes no percentage'],
    ['pruned-', 'Unknown variant `pruned-`: `pruned-` should end in a percentage from 0 to 99'],
    ['', 'Unknown variant ``: `` is no variant'],
  ])('%s', (name, message) => {
    expect(() => parseVariant(name, shares)).toThrow(message)
  })
})
