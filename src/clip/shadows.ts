/** Shadow variants encode a fraction of the batches to be measured. They neither decide events nor delay them. */

import type { Telemetry } from '../telemetry/internalEvents.ts'
import { dot } from '../util/vector.ts'
import type { EncoderSession } from './encoderSession.ts'

export interface Shadow {
  readonly variant: string
  readonly session: Pick<EncoderSession, 'encode' | 'dim'>
}

type Pictures = readonly Uint8Array<ArrayBuffer>[]

export interface Shadows {
  /** Copies of the pictures when this batch is due and a shadow is idle; null otherwise. */
  take(pictures: Pictures): Pictures | null
  /** Encodes the pictures with every idle shadow and reports its cosine similarity with the given vectors. Never throws. */
  compare(pictures: Pictures, vectors: readonly Float32Array[]): void
}

/** @param share fraction of the batches, [0, 1]; spread evenly, starting with the first. */
export function createShadows(shadows: readonly Shadow[], share: number, telemetry: Telemetry): Shadows {
  const busy = new Set<Shadow>()
  let due = share > 0 ? 1 - share : 0

  const run = async (shadow: Shadow, pictures: Pictures, vectors: readonly Float32Array[]) => {
    busy.add(shadow)
    try {
      const { embeddings, seconds } = await shadow.session.encode(pictures)
      const { dim } = shadow.session
      const cosines = vectors.map((vector, place) => dot(vector, embeddings.subarray(place * dim, (place + 1) * dim)))
      telemetry.emit({
        type: 'ShadowCompared',
        variant: shadow.variant,
        size: vectors.length,
        seconds,
        cosineMin: Math.min(...cosines),
        cosineMean: cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length,
      })
    } catch {
      // The session has already reported the error; nothing waits for these vectors.
    } finally {
      busy.delete(shadow)
    }
  }
  return {
    take(pictures) {
      due += share
      // Ten times 0.1 is slightly below 1 in floating point.
      if (due < 1 - 1e-9) return null
      due -= 1
      return busy.size < shadows.length ? pictures.map(picture => picture.slice()) : null
    },
    compare(pictures, vectors) {
      const free = shadows.filter(shadow => !busy.has(shadow))
      free.forEach((shadow, place) => {
        const last = place === free.length - 1
        void run(shadow, last ? pictures : pictures.map(picture => picture.slice()), vectors)
      })
    },
  }
}
