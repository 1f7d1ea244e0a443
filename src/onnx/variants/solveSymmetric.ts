/** Solves symmetric positive definite systems, for the least-squares reconstruction of pruned layers. */

/**
 * Solves A · X = B by Cholesky's factorisation, in double precision.
 * @param a [n, n] row by row, symmetric and positive definite; overwritten
 * @param b [n, columns] row by row; overwritten with the solution and returned
 * @throws RangeError when A is not positive definite
 */
export function solveSymmetric(a: Float64Array, b: Float64Array, n: number): Float64Array {
  factor(a, n)
  const columns = b.length / n
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) addRow(b, i, k, -a[i * n + k]!, columns)
    scaleRow(b, i, 1 / a[i * n + i]!, columns)
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) addRow(b, i, k, -a[k * n + i]!, columns)
    scaleRow(b, i, 1 / a[i * n + i]!, columns)
  }
  return b
}

/** A = L · Lᵀ; L takes the lower half of A. Row by row, so that the inner loop runs along memory. */
function factor(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const rowI = a.subarray(i * n, i * n + i + 1)
    for (let j = 0; j <= i; j++) {
      const rowJ = a.subarray(j * n, j * n + j)
      let sum = rowI[j]!
      for (let k = 0; k < rowJ.length; k++) sum -= rowI[k]! * rowJ[k]!
      if (j < i) rowI[j] = sum / a[j * n + j]!
      else if (sum > 0) rowI[j] = Math.sqrt(sum)
      else throw new RangeError('Expected a positive definite matrix')
    }
  }
}

function addRow(b: Float64Array, to: number, from: number, factor: number, columns: number): void {
  if (factor === 0) return
  const target = b.subarray(to * columns, (to + 1) * columns)
  const source = b.subarray(from * columns, (from + 1) * columns)
  for (let c = 0; c < columns; c++) target[c]! += factor * source[c]!
}

function scaleRow(b: Float64Array, row: number, factor: number, columns: number): void {
  for (let i = row * columns; i < (row + 1) * columns; i++) b[i]! *= factor
}
