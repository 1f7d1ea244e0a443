import { expect, test } from 'vitest'
import { matchedFilter } from '../../src/scoring/matchedFilter.ts'
import { createRandom } from '../../src/util/random.ts'
import { dot } from '../../src/util/vector.ts'

const zero = new Float32Array(2)

test('without images, or with images that are all alike, it is the signal', () => {
  const signal = Float32Array.of(3, 4)
  expect(matchedFilter(signal, [], zero)).toEqual(signal)
  expect(matchedFilter(signal, [zero, zero], zero)).toEqual(signal)
})

test('solves (S + λI) · filter = signal, scaled to the response of the signal', () => {
  // By hand: images ±(2, 0) and ±(0, 1): S = diag(2, 0.5), mean diagonal 1.25, λ = 15 · 1.25 = 18.75.
  // (1 / 20.75, 1 / 19.25) · scale, with scale so that the product with (1, 1) is 2.
  const images = [Float32Array.of(2, 0), Float32Array.of(-2, 0), Float32Array.of(0, 1), Float32Array.of(0, -1)]
  const filter = matchedFilter(Float32Array.of(1, 1), images, zero)
  const scale = 2 / (1 / 20.75 + 1 / 19.25)
  expect(filter[0]).toBeCloseTo(scale / 20.75, 5)
  expect(filter[1]).toBeCloseTo(scale / 19.25, 5)
})

test('suppresses a direction in which the images vary, in 512 dimensions', () => {
  const random = createRandom('variance')
  const dimensions = 512
  // All variance lies in dimension 0; the signal lies half in it, half in dimension 1.
  const images = Array.from({ length: 200 }, () => {
    const image = new Float32Array(dimensions)
    image[0] = random.normal(0, 1)
    return image
  })
  const signal = new Float32Array(dimensions)
  signal[0] = 1
  signal[1] = 1
  const filter = matchedFilter(signal, images, new Float32Array(dimensions))
  expect(filter[0]! / filter[1]!).toBeLessThan(0.05)
  expect(dot(filter, signal)).toBeCloseTo(2, 4)
})
