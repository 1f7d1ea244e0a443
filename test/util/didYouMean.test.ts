import { expect, test } from 'vitest'
import { didYouMean, didYouMeanHint } from '../../src/util/didYouMean.ts'

test.each([
  ['a swap of neighbours', 'ulr', ['fps', 'url'], 'did you mean `url`?'],
  ['a letter too few', 'evnts', ['events', 'rule'], 'did you mean `events`?'],
  ['another case', 'FPS', ['fps'], 'did you mean `fps`?'],
  ['nothing near', 'xyz', ['fps', 'url'], 'known keys: fps, url'],
  ['nothing known', 'xyz', [], 'there are no keys'],
  ['an inherited name', 'constructor', ['fps'], 'known keys: fps'],
])('%s', (_name, word, known, expected) => {
  expect(didYouMean(word, known, 'keys')).toBe(expected)
})

test('a long list is cut', () => {
  const known = Array.from({ length: 1000 }, (_, i) => `camera${i}`)
  expect(didYouMean('zz', known, 'cameras')).toMatch(/camera29 and 970 more$/)
})

test('as a sentence of its own', () => {
  expect(didYouMeanHint('ulr', ['url'])).toBe('Did you mean `url`?')
})
