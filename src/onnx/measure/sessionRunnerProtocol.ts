/** The messages between a session runner and its worker. */

import type { ErrorCode } from '../../util/errorCodes.ts'
import type { ImageFormat } from '../session/imageTensor.ts'
import type { Int8Kernel } from '../session/sessionOptions.ts'

export type RunnerRequest =
  | { readonly type: 'open'; readonly variant: string; readonly path: string; readonly threads: number }
  | { readonly type: 'run'; readonly variant: string; readonly pictures: readonly Uint8Array[] }
  /** Every output, added up or the largest of each element, over batches. */
  | {
      readonly type: 'sum' | 'max'
      readonly variant: string
      readonly pictures: readonly Uint8Array[]
      readonly batch: number
    }
  | { readonly type: 'close'; readonly variant: string }

export interface RunnerTask {
  readonly format: ImageFormat
}

/** Output name → of each of its elements the sum, or the largest value, over batches. */
export type Reduced = ReadonlyMap<string, Float32Array>

export type ToRunner = RunnerRequest & { readonly id: number }

export type FromRunner =
  | {
      readonly id: number
      readonly ok: true
      readonly seconds: number
      readonly embeddings: Float32Array[]
      readonly reduced: Reduced
      /** Null except for `open`. */
      readonly int8Kernel: Int8Kernel | null
    }
  | { readonly id: number; readonly ok: false; readonly error: string; readonly code: ErrorCode | null }
