/** Least-squares reconstruction of a layer whose inputs were pruned: it approximates its old output from the rest. */

import { type Graph, indexGraph, withInitializers } from '../graph.ts'
import { elementCount, floatsOf, floatTensor } from '../tensor.ts'
import { type Linear, weightsOf } from './linears.ts'
import type { Moments } from './moments.ts'
import { withWeights } from './sliceLinear.ts'
import { solveSymmetric } from './solveSymmetric.ts'

/** Ridge, as a fraction of the inputs' mean variance: pulls the solution towards the old weights where data is scarce. */
const RIDGE = 0.01

/**
 * Keeps the given rows (inputs) of the layer. With moments, the removed inputs are predicted from the remaining ones:
 * with x = [s, r] (kept, removed) and the covariance C, W_s gets (C_ss + λ)⁻¹ · C_sr · W_r added, and the bias the
 * difference of means.
 */
export function pruneInputsWithReconstruction(
  graph: Graph,
  linear: Linear,
  kept: readonly number[],
  moments: Moments | null,
): Graph {
  const { rows, columns } = linear
  const weights = weightsOf(graph, linear)
  const keptWeights = pickRows(weights, kept, columns)
  if (moments === null || moments.rows === 0 || kept.length === rows) {
    return withWeights(graph, linear, keptWeights, { rows: kept.length, columns })
  }
  const isKept = new Set(kept)
  const removed = Array.from({ length: rows }, (_, i) => i).filter(i => !isKept.has(i))
  const covariance = covarianceOf(moments, rows)
  const gains = gainsOf(covariance, weights, { kept, removed, rows, columns })
  for (let i = 0; i < keptWeights.length; i++) keptWeights[i]! += gains[i]!
  const reconstructed = withWeights(graph, linear, keptWeights, { rows: kept.length, columns })
  return shiftBias(reconstructed, linear, biasShift(moments, weights, gains, { kept, removed, rows, columns }))
}

/** Importance of each input: its variance on the frames (1 without frames) times the squared norm of its weights. */
export function inputScores(graph: Graph, linear: Linear, moments: Moments | null): number[] {
  const weights = weightsOf(graph, linear)
  return Array.from({ length: linear.rows }, (_, row) => {
    let sum = 0
    for (let i = row * linear.columns; i < (row + 1) * linear.columns; i++) sum += weights[i]! ** 2
    return sum * varianceOf(moments, row)
  })
}

/** The constant that is added to the layer's output, Gemm's own or that of an Add right behind; null when there is none. */
function biasOf(graph: Graph, linear: Linear): string | null {
  if (linear.bias !== null) return graph.initializers.has(linear.bias) ? linear.bias : null
  const [consumer, ...others] = indexGraph(graph).consumersOf(linear.node.outputs[0] ?? '')
  if (consumer?.op !== 'Add' || others.length > 0) return null
  const constant = consumer.inputs.find(input => graph.initializers.has(input))
  const dims = constant === undefined ? [] : (graph.initializers.get(constant)?.dims ?? [])
  const fits = dims.at(-1) === linear.columns && elementCount(dims) === linear.columns
  return constant !== undefined && fits ? constant : null
}

interface Cut {
  readonly kept: readonly number[]
  readonly removed: readonly number[]
  readonly rows: number
  readonly columns: number
}

function varianceOf(moments: Moments | null, row: number): number {
  if (moments === null || moments.rows === 0) return 1
  const mean = moments.sums[row]! / moments.rows
  return Math.max(0, moments.gram[row * moments.sums.length + row]! / moments.rows - mean * mean)
}

function covarianceOf({ gram, sums, rows: count }: Moments, n: number): Float64Array {
  const covariance = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const mean = sums[i]! / count
    for (let j = 0; j < n; j++) {
      covariance[i * n + j] = gram[i * n + j]! / count - (mean * sums[j]!) / count
    }
  }
  return covariance
}

/** [kept, columns]: (C_ss + λ)⁻¹ · C_sr · W_r */
function gainsOf(covariance: Float64Array, weights: Float32Array, { kept, removed, rows, columns }: Cut): Float64Array {
  const n = kept.length
  const own = new Float64Array(n * n)
  const target = new Float64Array(n * columns)
  let energy = 0
  for (const i of kept) energy += covariance[i * rows + i]!
  const ridge = (RIDGE * energy) / n || 1e-12
  for (const [a, i] of kept.entries()) {
    for (const [b, j] of kept.entries()) own[a * n + b] = covariance[i * rows + j]!
    own[a * n + a]! += ridge
    const out = target.subarray(a * columns, (a + 1) * columns)
    for (const j of removed) {
      const factor = covariance[i * rows + j]!
      for (let c = 0; c < columns; c++) out[c]! += factor * weights[j * columns + c]!
    }
  }
  return solveSymmetric(own, target, n)
}

/** Mean contribution of the removed inputs minus mean contribution of the gains. */
function biasShift(moments: Moments, weights: Float32Array, gains: Float64Array, cut: Cut): Float64Array {
  const { kept, removed, columns } = cut
  const shift = new Float64Array(columns)
  const mean = (row: number) => moments.sums[row]! / moments.rows
  for (const row of removed) {
    for (let c = 0; c < columns; c++) shift[c]! += mean(row) * weights[row * columns + c]!
  }
  for (const [a, row] of kept.entries()) {
    for (let c = 0; c < columns; c++) shift[c]! -= mean(row) * gains[a * columns + c]!
  }
  return shift
}

function shiftBias(graph: Graph, linear: Linear, shift: Float64Array): Graph {
  const name = biasOf(graph, linear)
  const tensor = name === null ? undefined : graph.initializers.get(name)
  if (name === null || tensor === undefined) return graph
  const bias = floatsOf(tensor)
  const shifted = Float32Array.from(bias, (value, i) => value + shift[i]!)
  return withInitializers(graph, [[name, floatTensor(tensor.dims, shifted)]])
}

function pickRows(weights: Float32Array, kept: readonly number[], columns: number): Float32Array<ArrayBuffer> {
  const picked = new Float32Array(kept.length * columns)
  for (const [to, from] of kept.entries()) {
    picked.set(weights.subarray(from * columns, (from + 1) * columns), to * columns)
  }
  return picked
}
