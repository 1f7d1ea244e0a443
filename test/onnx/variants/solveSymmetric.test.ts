import { expect, test } from 'vitest'
import { solveSymmetric } from '../../../src/onnx/variants/solveSymmetric.ts'
import { createRandom } from '../../../src/util/random.ts'

test('recovers the solution that the system was made from', () => {
  const random = createRandom('solve')
  const [n, columns] = [12, 5]
  const root = Float64Array.from({ length: n * n }, () => random.normal(0, 1))
  const a = product(root, transposed(root, n), n, n)
  const x = Float64Array.from({ length: n * columns }, () => random.normal(0, 1))
  const solution = solveSymmetric(a.slice(), product(a, x, n, columns), n)
  for (const [i, value] of solution.entries()) expect(value).toBeCloseTo(x[i] as number, 6)
})

test('refuses a matrix that is not positive definite', () => {
  expect(() => solveSymmetric(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1), 2)).toThrow('positive definite')
})

function product(a: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  return Float64Array.from({ length: n * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    let sum = 0
    for (let k = 0; k < n; k++) sum += (a[row * n + k] as number) * (b[k * columns + column] as number)
    return sum
  })
}

function transposed(a: Float64Array, n: number): Float64Array {
  return a.map((_, i) => a[(i % n) * n + Math.floor(i / n)] as number)
}
