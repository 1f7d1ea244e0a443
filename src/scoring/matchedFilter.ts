/** The direction in the embedding space along which an event stands out from what a camera usually shows. */

import { dot } from '../util/vector.ts'

/**
 * How much of an embedding's variance, in units of the mean variance per dimension, counts as noise in every direction.
 * Higher: directions in which the camera's images vary much are suppressed less. 8 to 40 measure alike.
 */
const SHRINKAGE = 15
/** Conjugate gradient: the matrix is well conditioned because of the shrinkage, so the error is below 0.1 % by then. */
const ITERATIONS = 10

/**
 * The matched filter (shrunk linear discriminant) (S + λI)⁻¹ · signal: S is the covariance of `images`, λ is SHRINKAGE
 * times its mean diagonal. Directions in which the camera's images vary anyway (light, passing clouds, the usual
 * traffic) count less. Scaled so that an image that moves along `signal` moves the product as much as under `signal`
 * itself. Source: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004.
 * @param images embeddings without the event, [dim] float32 each; none: the signal itself
 * @param mean of `images`
 */
export function matchedFilter(signal: Float32Array, images: readonly Float32Array[], mean: Float32Array): Float32Array {
  const centred = images.map(image => image.map((value, i) => value - mean[i]!))
  const variance = centred.reduce((sum, image) => sum + dot(image, image), 0) / Math.max(1, images.length)
  if (!(variance > 0)) return signal
  const noise = (SHRINKAGE * variance) / signal.length
  const covariance = (vector: Float32Array): Float32Array => {
    const product = vector.map(value => value * noise)
    for (const image of centred) addScaled(product, image, dot(image, vector) / centred.length)
    return product
  }
  const filter = conjugateGradient(covariance, signal)
  const response = dot(filter, signal)
  const scale = response > 0 ? dot(signal, signal) / response : 1
  return filter.map(value => value * scale)
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

function addScaled(target: Float32Array, vector: Float32Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * vector[i]!
}
