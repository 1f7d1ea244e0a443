/** The messages between the main thread and an encoder's worker. */

import type { Provider } from '../onnx/session/openSession.ts'

/** Worker data of an encoder. */
export interface EncoderTask {
  /** Path of the vision tower's ONNX file. */
  readonly modelPath: string
  /** Side of the square pictures in pixels. */
  readonly imageSize: number
  /** Per RGB channel for pixels in [0, 1]: used when the graph wants float32 `pixel_values` and not uint8 `pixels`. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  readonly provider: Provider
  /** 0: one per core. */
  readonly threads: number
  readonly maxBatch: number
  /** Shadow variants run at low priority. */
  readonly lowPriority: boolean
}

/** A failure to provoke in tests: an exception outside of any promise, or no further answers. */
export type Fault = 'crash' | 'hang'

export type ToEncoder =
  /** Pictures [size, size, 3] uint8 RGB, transferred. */
  | { readonly type: 'encode'; readonly id: number; readonly pictures: readonly Uint8Array<ArrayBuffer>[] }
  | { readonly type: 'fault'; readonly fault: Fault }
  | { readonly type: 'close' }

export type FromEncoder =
  | { readonly type: 'ready'; readonly provider: string; readonly dim: number; readonly warmUpSeconds: number }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'providerUnavailable'; readonly wanted: string; readonly error: string }
  /** [pictures, dim] float32, each row L2-normalised; transferred. */
  | { readonly type: 'encoded'; readonly id: number; readonly embeddings: Float32Array; readonly seconds: number }
  | { readonly type: 'refused'; readonly id: number; readonly error: string }
