/** Whitening: weighs directions of the embedding space by how little a camera's usual images vary along them. */

import { dot } from '../util/vector.ts'

/**
 * How much of an embedding's variance, in units of the mean variance per dimension, counts as noise in every direction.
 * Higher: directions in which the camera's images vary much are suppressed less. 8 to 40 measure alike.
 */
const SHRINKAGE = 15
/** Conjugate gradient: the matrix is well conditioned because of the shrinkage, so the error is below 0.1 % by then. */
const ITERATIONS = 10

/** Multiplies a vector by (S + λI)⁻¹. */
export type Whitening = (vector: Float32Array) => Float32Array

/**
 * S is the covariance of `images`, λ is SHRINKAGE times its mean diagonal. Source: Ledoit and Wolf, "A well-conditioned
 * estimator for large-dimensional covariance matrices", 2004.
 * @param images [dim] float32 each
 * @param mean of `images`
 * @returns null when the images do not vary
 */
export function createWhitening(images: readonly Float32Array[], mean: Float32Array): Whitening | null {
  const centred = images.map(image => image.map((value, i) => value - mean[i]!))
  const variance = centred.reduce((sum, image) => sum + dot(image, image), 0) / Math.max(1, images.length)
  if (!(variance > 0)) return null
  const noise = (SHRINKAGE * variance) / mean.length
  const covariance = (vector: Float32Array): Float32Array => {
    const product = vector.map(value => value * noise)
    for (const image of centred) addScaled(product, image, dot(image, vector) / centred.length)
    return product
  }
  return vector => conjugateGradient(covariance, vector)
}

/** Solves multiply(x) = target for a symmetric positive definite matrix. */
function conjugateGradient(multiply: (vector: Float32Array) => Float32Array, target: Float32Array): Float32Array {
  const solution = new Float32Array(target.length)
  const residual = target.slice()
  const search = target.slice()
  let squared = dot(residual, residual)
  for (let i = 0; i < ITERATIONS && squared > 0; i++) {
    const product = multiply(search)
    const step = squared / dot(search, product)
    addScaled(solution, search, step)
    addScaled(residual, product, -step)
    const next = dot(residual, residual)
    for (let k = 0; k < search.length; k++) search[k] = residual[k]! + (next / squared) * search[k]!
    squared = next
  }
  return solution
}

export function addScaled(target: Float32Array, vector: Float32Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * vector[i]!
}
