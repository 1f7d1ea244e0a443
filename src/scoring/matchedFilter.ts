/** The direction in the embedding space along which an event stands out from what a camera usually shows. */

import { dot } from '../util/vector.ts'
import { createWhitening } from './createWhitening.ts'

/**
 * The matched filter (shrunk linear discriminant) (S + λI)⁻¹ · signal. Directions in which the camera's images vary
 * anyway (light, passing clouds, the usual traffic) count less. Scaled so that an image that moves along `signal` moves
 * the product as much as under `signal` itself.
 * @param images embeddings without the event, [dim] float32 each; none: the signal itself
 * @param mean of `images`
 */
export function matchedFilter(signal: Float32Array, images: readonly Float32Array[], mean: Float32Array): Float32Array {
  const whiten = createWhitening(images, mean)
  if (whiten === null) return signal
  const filter = whiten(signal)
  const response = dot(filter, signal)
  const scale = response > 0 ? dot(signal, signal) / response : 1
  return filter.map(value => value * scale)
}
