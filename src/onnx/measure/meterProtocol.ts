/** What a meter and its worker say to each other. */

import type { PictureFormat } from './pictureInput.ts'

export type MeterRequest =
  | { readonly type: 'open'; readonly variant: string; readonly path: string; readonly threads: number }
  | { readonly type: 'run'; readonly variant: string; readonly pictures: readonly Uint8Array[] }
  | { readonly type: 'close'; readonly variant: string }

export interface MeterTask {
  readonly format: PictureFormat
}

export type ToMeter = MeterRequest & { readonly id: number }

export type FromMeter =
  | { readonly id: number; readonly ok: true; readonly seconds: number; readonly embeddings: Float32Array[] }
  | { readonly id: number; readonly ok: false; readonly error: string; readonly code: string | null }
