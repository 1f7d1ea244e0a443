/** Logits of one embedding with texts, and their softmax. */

import { dot, logSumExp } from '../util/vector.ts'

/** Logit of the embedding with a text vector. */
export type Logit = (text: Float32Array) => number

/**
 * @param embedding [dim] float32, L2-normalised
 * @returns logitScale · ⟨text, embedding⟩; each text is computed once, because events share their background phrases
 */
export function logits(embedding: Float32Array, logitScale: number): Logit {
  const known = new Map<Float32Array, number>()
  return text => {
    const cached = known.get(text)
    if (cached !== undefined) return cached
    const logit = logitScale * dot(text, embedding)
    known.set(text, logit)
    return logit
  }
}

export function softmax(values: readonly number[]): number[] {
  const total = logSumExp(values)
  return values.map(value => Math.exp(value - total))
}
