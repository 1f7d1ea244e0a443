/** A scored frame without pixels, JPEG and embeddings: small enough that those of a whole video can be kept. */

import type { PartialView, ScoredFrame } from '../types.ts'

const NO_PIXELS = new Uint8Array(0)
const NO_EMBEDDING = new Float32Array(0)

/** All that rules and triggers look at stays: scores, motion, views and times. */
export function withoutImages(scored: ScoredFrame): ScoredFrame {
  const { frame, views } = scored
  return {
    ...scored,
    frame: {
      ...frame,
      pixels: NO_PIXELS,
      jpeg: null,
      detail: null,
      zoneImages: new Map(),
      views: frame.views.map((view): PartialView => ({ ...view, pixels: NO_PIXELS })),
    },
    views: views.map(view => ({ ...view, pixels: null, embedding: NO_EMBEDDING, judgements: {} })),
  }
}
