/** Refuses a tokenizer.json whose normalizer or pre-tokenizer does something that our tokenizers do not do. */

import { WatchwordError } from '../util/errors.ts'
import { isRecord, quote } from './parseForeign.ts'
import type { TokenizerHead } from './readTokenizerHead.ts'
import type { TokenizerKind } from './tokenizerKinds.ts'

type Part = Readonly<Record<string, unknown>>

interface Known {
  readonly normalizers: readonly string[]
  /** What `Replace` may put in the place of punctuation, white space or single spaces. */
  readonly replacements: readonly string[]
  readonly preTokenizers: readonly string[]
}

const KNOWN: Readonly<Record<TokenizerKind, Known>> = {
  'clip-bpe': { normalizers: ['NFC', 'Lowercase'], replacements: [' '], preTokenizers: ['Split', 'ByteLevel'] },
  gemma: { normalizers: ['Lowercase'], replacements: ['▁'], preTokenizers: ['Split'] },
  siglip: {
    normalizers: ['Lowercase', 'Precompiled', 'Strip', 'NFKC'],
    replacements: ['', ' ', '▁'],
    preTokenizers: ['WhitespaceSplit', 'Metaspace'],
  },
}

/** The heart of CLIP's pattern; some files have the special tokens in front of it. */
const CLIP_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"

/** @throws WatchwordError `tokenizer-invalid` that names the part */
export function refuseUnknownParts(kind: TokenizerKind, head: TokenizerHead, path: string): void {
  const known = KNOWN[kind]
  for (const part of flatten(head.normalizer, 'normalizers')) {
    const isKnown =
      part.type === 'Replace'
        ? known.replacements.includes(String(part.content))
        : known.normalizers.includes(String(part.type))
    if (!isKnown) throw unknown('normalizer', part, path)
  }
  for (const part of flatten(head.pre_tokenizer, 'pretokenizers')) {
    const isKnown = known.preTokenizers.includes(String(part.type))
    if (!isKnown || (part.type === 'Split' && !isKnownSplit(kind, part.pattern))) {
      throw unknown('pre-tokenizer', part, path)
    }
  }
}

function flatten(part: Part | null | undefined, key: 'normalizers' | 'pretokenizers'): Part[] {
  if (part === null || part === undefined) return []
  const inner = part[key]
  return part.type === 'Sequence' && Array.isArray(inner) ? inner.filter(isRecord) : [part]
}

function isKnownSplit(kind: TokenizerKind, pattern: unknown): boolean {
  if (!isRecord(pattern)) return false
  return kind === 'gemma' ? pattern.String === ' ' : String(pattern.Regex).endsWith(CLIP_PATTERN)
}

function unknown(what: string, part: Part, path: string): WatchwordError {
  return new WatchwordError(
    `Expected only parts of CLIP’s and SigLIP’s tokenizers in ${path}, got the ${what} ${quote(part)}`,
    {
      code: 'tokenizer-invalid',
      hint: 'Take tokenizer.json from the model’s own repository',
    },
  )
}
