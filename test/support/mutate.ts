/** Damage to texts and bytes, the same one for the same seed. */

import type { Random } from '../../src/util/random.ts'

export interface MutateOptions {
  /** Only the first bytes are damaged, where a format has its header. Default: all. */
  readonly reach?: number
  /** Probability that a cut happens when it is chosen. Default 1. */
  readonly cutChance?: number
}

/** Bytes flipped, overwritten, moved, cut: one to six times. */
export function mutateBytes(bytes: Uint8Array, random: Random, options: MutateOptions = {}): Uint8Array {
  const { reach = Infinity, cutChance = 1 } = options
  const out = Uint8Array.from(bytes)
  const place = () => random.integer(0, Math.min(reach, out.length) - 1)
  for (let i = random.integer(1, 6); i > 0; i--) {
    const kind = random.integer(0, 4)
    if (kind === 0) out[place()] = random.integer(0, 255)
    if (kind === 1) out[place()] = (out[place()] ?? 0) ^ (1 << random.integer(0, 7))
    if (kind === 2) out.fill(random.pick([0, 255, 128]), place(), place())
    if (kind === 3) out.copyWithin(place(), place(), place())
    if (kind === 4 && (cutChance === 1 || random.chance(cutChance))) return out.slice(0, place())
  }
  return out
}

/** What people and programs get wrong in YAML and JSON. */
const SNIPPETS = [
  ...['-1', '0', '1e999', 'NaN', 'null', '~', 'true', '""', '[]', '{}', '[[[[', '}}}', '"', "'", '\t', '\0', '\n\n'],
  ...['&a [*a, *a]', '*nobody', '<<: *x', '!!binary zzz', '!!js/function x', '? : -', '%YAML 9.9', '---', '...', '#'],
  ...['$' + '{NOPE}', '$' + '{file:/nope}', '$' + '{', '__proto__: { x: 1 }', 'constructor: 1', '99999999999999999999'],
  ...['\ud800', 'é', '😀', '10s', '5MB', '-5s', 'rtsp://', 'demo:nowhere', 'file:///etc/passwd', 'a/b/#/+'],
]

/** Characters and lines replaced, doubled, moved, cut, and nonsense put in: one to four times. */
export function mutateText(text: string, random: Random): string {
  let out = text
  for (let i = random.integer(1, 4); i > 0; i--) {
    const from = random.integer(0, out.length)
    const kind = random.integer(0, 5)
    if (kind === 0) out = out.slice(0, from) + random.pick(SNIPPETS) + out.slice(from)
    if (kind === 1) out = out.slice(0, from) + random.pick(SNIPPETS) + out.slice(from + random.integer(1, 20))
    if (kind === 2) out = swapLines(out, random)
    if (kind === 3) out = out.slice(0, from) + out.slice(from, from + 60) + out.slice(from)
    if (kind === 4) out = out.replace(/: ?\S+/g, value => (random.chance(0.05) ? `: ${random.pick(SNIPPETS)}` : value))
    if (kind === 5 && random.chance(0.3)) out = out.slice(0, from)
  }
  return out
}

function swapLines(text: string, random: Random): string {
  const lines = text.split('\n')
  const [a, b] = [random.integer(0, lines.length - 1), random.integer(0, lines.length - 1)]
  const [one, two] = [lines[a] ?? '', lines[b] ?? '']
  lines[a] = two
  lines[b] = one
  return lines.join('\n')
}
