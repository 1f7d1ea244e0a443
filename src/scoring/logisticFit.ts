/** Logistic regression with a Gaussian prior, in the form of a kernel: Gaussian process classification by Laplace. */

import { sigmoid } from '../util/vector.ts'

/** A square matrix, row by row. */
export type Matrix = readonly (readonly number[])[]

export interface LogisticFit {
  /** The log-odds are offset + kernel · weights; a new point's are its own offset + its kernel row · weights. */
  readonly weights: readonly number[]
  /** Variance of each label at the fit, p (1 − p). */
  readonly curvature: readonly number[]
  /** What the labels add to the log-odds of each point, and label minus probability. */
  readonly shift: readonly number[]
  readonly residual: readonly number[]
}

const ROUNDS = 25
const ENOUGH = 1e-9

/**
 * Source: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, section 3.4 and equation 5.12.
 * @param kernel prior covariance of the log-odds, [n, n]
 * @param offsets prior mean of the log-odds, [n]
 * @param labels [n]
 */
export function logisticFit(kernel: Matrix, offsets: readonly number[], labels: readonly boolean[]): LogisticFit {
  let weights = labels.map(() => 0)
  let state = stateOf(kernel, offsets, labels, weights)
  for (let round = 0; round < ROUNDS; round++) {
    const { curvature, residual, shift } = state
    const target = curvature.map((value, i) => value * shift[i]! + residual[i]!)
    const next = solve(
      kernel.map((row, i) => row.map((value, j) => curvature[i]! * value + (i === j ? 1 : 0))),
      target,
    )
    // Full steps may overshoot where labels and offsets disagree strongly.
    const step = round < 3 ? 0.7 : 1
    const moved = Math.max(...next.map((value, i) => Math.abs(value - weights[i]!)))
    weights = weights.map((value, i) => value + step * (next[i]! - value))
    state = stateOf(kernel, offsets, labels, weights)
    if (moved < ENOUGH) break
  }
  return { weights, ...state }
}

interface State {
  /** What the labels add to the offsets. */
  readonly shift: readonly number[]
  /** Variance of each label, p (1 − p). */
  readonly curvature: readonly number[]
  /** Label minus probability. */
  readonly residual: readonly number[]
}

const LEAST_CURVATURE = 1e-6

function stateOf(
  kernel: Matrix,
  offsets: readonly number[],
  labels: readonly boolean[],
  weights: readonly number[],
): State {
  const shift = kernel.map(row => row.reduce((sum, value, j) => sum + value * weights[j]!, 0))
  const probabilities = shift.map((value, i) => 1 / (1 + Math.exp(-value - offsets[i]!)))
  return {
    shift,
    curvature: probabilities.map(p => Math.max(LEAST_CURVATURE, p * (1 - p))),
    residual: probabilities.map((p, i) => (labels[i] ? 1 : 0) - p),
  }
}

/**
 * Log-odds of each point as if its own label were unknown. Without fitting once per point: each label's pull on its own
 * point is taken out of the Gaussian approximation.
 */
export function leaveOut(
  kernel: Matrix,
  offsets: readonly number[],
  { shift, curvature, residual }: LogisticFit,
): number[] {
  // The posterior covariance of the points: (I + K W)⁻¹ K.
  const covariance = solveAll(
    kernel.map((row, i) => row.map((value, j) => value * curvature[j]! + (i === j ? 1 : 0))),
    kernel,
  )
  return shift.map((value, i) => {
    const variance = covariance[i]![i]!
    return offsets[i]! + value - (variance * residual[i]!) / Math.max(LEAST_CURVATURE, 1 - variance * curvature[i]!)
  })
}

/**
 * The probability of a new point's label, averaged over what the labels leave uncertain (MacKay's approximation).
 * @param row prior covariance of the new point with each point; @param own its own prior variance
 */
export function probabilityOf(
  { weights, curvature }: Pick<LogisticFit, 'weights' | 'curvature'>,
  kernel: Matrix,
  { row, own }: { readonly row: readonly number[]; readonly own: number },
): number {
  const mean = row.reduce((sum, value, i) => sum + value * weights[i]!, 0)
  const system = kernel.map((values, i) => values.map((value, j) => value + (i === j ? 1 / curvature[i]! : 0)))
  const explained = solve(system, row).reduce((sum, value, i) => sum + value * row[i]!, 0)
  return sigmoid(mean / Math.sqrt(1 + (Math.PI / 8) * Math.max(0, own - explained)))
}

function solve(matrix: Matrix, target: readonly number[]): number[] {
  const columns = solveAll(
    matrix,
    target.map(value => [value]),
  )
  return columns.map(row => row[0]!)
}

/** Solves matrix · X = targets by Gaussian elimination with partial pivoting. */
function solveAll(matrix: Matrix, targets: Matrix): number[][] {
  const size = matrix.length
  const rows = matrix.map((row, i) => [...row, ...targets[i]!])
  for (let i = 0; i < size; i++) {
    let pivot = i
    for (let r = i + 1; r < size; r++) if (Math.abs(rows[r]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = r
    const chosen = rows[pivot]!
    rows[pivot] = rows[i]!
    rows[i] = chosen
    for (let r = i + 1; r < size; r++) subtract(rows[r]!, chosen, rows[r]![i]! / chosen[i]!, i)
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = rows[i]!
    for (let c = i + 1; c < size; c++) subtract(row, rows[c]!, row[c]!, size)
    const divisor = row[i]!
    for (let c = size; c < row.length; c++) row[c] = row[c]! / divisor
  }
  return rows.map(row => row.slice(size))
}

/** row −= factor · other, from this column on. */
function subtract(row: number[], other: readonly number[], factor: number, from: number): void {
  if (factor !== 0) for (let c = from; c < row.length; c++) row[c] = row[c]! - factor * other[c]!
}
