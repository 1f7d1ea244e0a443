import { expect, test } from 'vitest'
import { parseRecipe } from '../../src/onnx/readRecipe.ts'
import { choiceOf } from '../../src/onnx/recipe.ts'

const whole = `name: mixed
slim: {heads: 0.25, neurons: 0.5}
prune: 0.1
store: int8
layers:
  - {match: 'layers.11.*', store: fp32}
  - {match: '*fc1*', store: int4, prune: 0}
`

test('reads a whole recipe', () => {
  expect(parseRecipe(whole, 'mixed.yaml')).toEqual({
    name: 'mixed',
    slim: { heads: 0.25, neurons: 0.5 },
    prune: 0.1,
    store: 'int8',
    layers: [
      { match: 'layers.11.*', store: 'fp32', prune: null },
      { match: '*fc1*', store: 'int4', prune: 0 },
    ],
  })
})

test('the first match wins, and dots are dots', () => {
  const recipe = parseRecipe(whole, 'mixed.yaml')
  expect(choiceOf(recipe, 'layers.11.mlp.fc1')).toEqual({ store: 'fp32', prune: 0.1 })
  expect(choiceOf(recipe, 'layers.1.mlp.fc1')).toEqual({ store: 'int4', prune: 0 })
  expect(choiceOf(recipe, 'layersX11.attn')).toEqual({ store: 'int8', prune: 0.1 })
})

test('lists all mistakes at once, with their places', () => {
  const wrong =
    'name: fp32\nprune: 1\nstor: int8\nlayers:\n  - {match: a, store: imt8}\n  - {store: int4}\n  - {match: b}\n'
  expect(() => parseRecipe(wrong, 'r.yaml')).toThrow(
    expect.objectContaining({
      code: 'recipe-invalid',
      facts: {
        mistakes: [
          'r.yaml:1:1 name: Expected another `name`: a file of every model is called so',
          'r.yaml:2:1 prune: Expected `prune` to be below 1, got 1',
          'r.yaml:3:1 stor: Unknown key `stor`; did you mean `store`?',
          'r.yaml:5:16 layers.0.store: Expected `store` to be one of fp32, fp16, int8, int4, got "imt8"; did you mean `int8`?',
          'r.yaml:6:5 layers.1.match: Expected `match`, which is missing',
          'r.yaml:7:5 layers.2: Expected `store` or `prune`',
        ],
      },
    }),
  )
})

test.each(['a b', '.a', 'a/b', '../a', ''])('%j is no name', name => {
  expect(() => parseRecipe(JSON.stringify({ name }), 'r.yaml')).toThrow(
    'r.yaml:1:2 name: Expected `name` to be letters',
  )
})

test.each(['model', 'Checksums', 'vocab'])('%s would write its card over another file of the model', name => {
  expect(() => parseRecipe(`name: ${name}`, 'r.yaml')).toThrow(
    'r.yaml:1:1 name: Expected another `name`: a file of every model is called so',
  )
})

test('rejects a value that is no map', () => {
  expect(() => parseRecipe('[a]', 'r.yaml')).toThrow('r.yaml:1:1: Expected the file to be a map, got a list')
})
