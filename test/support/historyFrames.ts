/** Encoded frames for tests of the history. */

import type { EncodedFrame, EncodedView, MarkedFrame, PartialView } from '../../src/types.ts'
import { dot, normalize } from '../../src/util/vector.ts'
import { frame } from './frames.ts'

export const MODEL = { sha256: 'c0ffee42'.repeat(8), variant: 'int8', dim: 16 } as const

/** Unit vectors; different seeds are far apart. */
export function unit(seed: number, dim: number = MODEL.dim): Float32Array {
  return normalize(
    Float32Array.from({ length: dim }, (_, i) => Math.sin(seed * 12.9898 + (i + 1) * 78.233 * (seed + 1))),
  )
}

/** A vector whose cosine to the given one is about `cosine`. */
export function near(vector: Float32Array, cosine: number, seed = 1): Float32Array {
  const other = unit(seed + 1000, vector.length)
  const across = normalize(other.map((value, i) => value - dot(vector, other) * (vector[i] ?? 0)))
  return vector.map((value, i) => cosine * value + Math.sqrt(1 - cosine * cosine) * (across[i] ?? 0))
}

export function seen(
  camera: string,
  at: number,
  embedding: Float32Array,
  rest: Partial<MarkedFrame> & { readonly reused?: boolean; readonly encoded?: readonly EncodedView[] } = {},
): EncodedFrame {
  const { reused = false, encoded = [], ...marked } = rest
  const views = marked.views ?? encoded.map(({ view }) => view)
  return {
    kind: 'frame',
    frame: frame(camera, at, { ...marked, views }),
    embedding,
    variant: MODEL.variant,
    reused,
    views: encoded,
  }
}

export function crop(id: string, rest: Partial<PartialView> = {}): PartialView {
  const box = { x: 0.25, y: 0.5, width: 0.125, height: 0.25 }
  return {
    id,
    kind: 'crop',
    box,
    subject: box,
    zones: {},
    motion: 0.1,
    settled: 0,
    still: false,
    pixels: new Uint8Array(2 * 2 * 3),
    ...rest,
  }
}
