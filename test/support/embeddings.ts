/** Made-up embeddings for tests of what is learned from a camera's images. */

import type { BankEntry } from '../../src/bank/reservoir.ts'
import type { Light } from '../../src/types.ts'
import { float32ToFloat16 } from '../../src/util/float16.ts'
import { createRandom, type Random } from '../../src/util/random.ts'
import { normalize } from '../../src/util/vector.ts'

export const DIM = 32

/** The unit vector along one axis. */
export function axis(place: number, dim = DIM): Float32Array {
  return Float32Array.from({ length: dim }, (_, i) => (i === place ? 1 : 0))
}

/** An image of a camera: its scene on axis 3, noise, and `amount` of what axis 0 stands for. */
export function sceneImage(random: Random, { amount = 0, noise = 0.05, dim = DIM } = {}): Float32Array {
  const vector = Float32Array.from({ length: dim }, () => random.normal(0, noise))
  vector[3] = (vector[3] ?? 0) + 1
  vector[0] = (vector[0] ?? 0) + amount
  return normalize(vector)
}

export function bankEntry(at: number, light: Light = 'day', events: readonly string[] = []): BankEntry {
  return { vector: float32ToFloat16(sceneImage(createRandom(`${at}/${light}`))), at, light, events }
}
