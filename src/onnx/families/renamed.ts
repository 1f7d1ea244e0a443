/** The names of transformers' CLIPModel in other libraries: other prefixes, and packed queries, keys and values. */

import type { TensorSource } from './family.ts'

/** Replaces the first prefix that fits; other names stay. */
export function renamed(name: string, prefixes: readonly (readonly [from: string, to: string])[]): string {
  const [from, to] = prefixes.find(([prefix]) => name.startsWith(prefix)) ?? ['', '']
  return to + name.slice(from.length)
}

const PARTS = ['q', 'k', 'v']

/** A third of a packed weight or bias; null for other tensors. `nameOf` gets what stands before `attention`. */
export function packedPart(
  name: string,
  attention: string,
  nameOf: (layer: string, kind: string) => string,
): TensorSource | null {
  const place = name.lastIndexOf(attention)
  const packed = place < 0 ? null : /^([qkv])_proj\.(weight|bias)$/.exec(name.slice(place + attention.length))
  if (packed === null) return null
  const [, part = '', kind = ''] = packed
  return { name: nameOf(name.slice(0, place), kind), block: { index: PARTS.indexOf(part), count: PARTS.length } }
}
