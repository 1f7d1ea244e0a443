/** Seeded randomness: the same seed yields the same numbers on every machine. */

export interface Random {
  /** [0, 1) */
  next(): number
  /** [low, high) */
  between(low: number, high: number): number
  /** Integer in [low, high], both included. */
  integer(low: number, high: number): number
  pick<T>(items: readonly T[]): T
  /** True with probability p. */
  chance(p: number): boolean
  /** Normal with the given mean and standard deviation. */
  normal(mean: number, deviation: number): number
  /** An independent stream named by a word: adding draws to one never changes another. */
  fork(name: string): Random
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by FNV-1a of the seed's text. */
export function createRandom(seed: number | string): Random {
  let a = fnv1a(`${seed}/a`)
  let b = fnv1a(`${seed}/b`)
  let c = fnv1a(`${seed}/c`)
  let counter = 1
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) next()
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: items => {
      if (items.length === 0) throw new RangeError('Expected `items` to have at least one item')
      return items[Math.floor(next() * items.length)] as (typeof items)[number]
    },
    chance: p => next() < p,
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    fork: name => createRandom(`${seed}/${name}`),
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash | 0
}
