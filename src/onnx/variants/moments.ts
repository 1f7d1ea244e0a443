/** First and second moments of layer inputs, measured on real frames: from them a layer can be refitted by least squares. */

/** Layer name → moments of that layer's input. */
export type Activations = ReadonlyMap<string, Moments>

/** Sums over all rows (tokens) of a layer's input X. */
export interface Moments {
  /** [n, n]: XᵀX. */
  readonly gram: Float32Array
  /** [n] */
  readonly sums: Float32Array
  readonly rows: number
}
