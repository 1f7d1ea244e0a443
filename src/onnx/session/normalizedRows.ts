/** Embeddings as onnxruntime gives them → vectors of length 1. */

/**
 * @param values [count, dim] float32
 * @returns a copy with every row L2-normalised
 * @throws when a row has no direction: such a picture or text must not score as anything
 */
export function normalizedRows(values: Float32Array, count: number): Float32Array<ArrayBuffer> {
  const dim = values.length / count
  const rows = new Float32Array(values)
  for (let start = 0; start < rows.length; start += dim) {
    let sum = 0
    for (let i = start; i < start + dim; i++) sum += (rows[i] as number) ** 2
    if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) throw new Error('the model gave an embedding without a direction')
    const factor = 1 / Math.sqrt(sum)
    for (let i = start; i < start + dim; i++) rows[i] = (rows[i] as number) * factor
  }
  return rows
}
