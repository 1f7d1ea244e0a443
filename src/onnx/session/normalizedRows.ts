/** The output of a tower → vectors of length 1. */

/**
 * @param values [count, dim] float32
 * @returns a copy with every row L2-normalised
 * @throws when a row is zero or not finite: such an image or text must not get a score
 */
export function normalizedRows(values: Float32Array, count: number): Float32Array<ArrayBuffer> {
  const dim = values.length / count
  const rows = new Float32Array(values)
  for (let start = 0; start < rows.length; start += dim) {
    let sum = 0
    for (let i = start; i < start + dim; i++) sum += rows[i]! ** 2
    if (!(sum > 0 && sum < Number.POSITIVE_INFINITY))
      throw new Error('the model returned a zero or non-finite embedding')
    const factor = 1 / Math.sqrt(sum)
    for (let i = start; i < start + dim; i++) rows[i]! *= factor
  }
  return rows
}
