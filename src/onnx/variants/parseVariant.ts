/** Variant name → recipe: `int8`, `pruned-30` (unstructured pruning), `slim-50+int8` (structured pruning). */

import { didYouMean } from '../../util/didYouMean.ts'
import { WatchwordError } from '../../util/errors.ts'
import { EXACT, percentOf, type Recipe, type Storage } from '../recipe.ts'

export interface Shares {
  /** Fraction that `pruned` without a percentage removes, [0, 1). */
  readonly prune: number
  /** Fraction of heads and neurons that `slim` without a percentage removes, [0, 1). */
  readonly slim: number
}

const KINDS = ['fp32', 'fp16', 'int8', 'int4', 'pruned', 'slim'] as const
type Kind = (typeof KINDS)[number]

/**
 * The recipe's own name is the full one: 'int8+slim' becomes 'slim-50+int8', in the order of the steps.
 * @throws WatchwordError `unknown-variant`
 */
export function parseVariant(name: string, shares: Shares): Recipe {
  const parts = name.split('+').map(part => parsePart(part, name))
  const one = (...kinds: readonly Kind[]): Part | null => {
    const found = parts.filter(part => kinds.includes(part.kind))
    if (found.length > 1) throw unknown(name, `it asks for ${found.map(({ kind }) => kind).join(' and ')}`)
    return found[0] ?? null
  }
  const store = (one('fp32', 'fp16', 'int8', 'int4')?.kind ?? 'fp32') as Storage
  const slim = one('slim')
  const pruned = one('pruned')
  const slimShare = slim === null ? 0 : (slim.share ?? shares.slim)
  const pruneShare = pruned === null ? 0 : (pruned.share ?? shares.prune)
  const full = [
    ...(slim === null ? [] : [`slim-${percentOf(slimShare)}`]),
    ...(pruned === null ? [] : [`pruned-${percentOf(pruneShare)}`]),
    ...(store === 'fp32' && (slim !== null || pruned !== null) ? [] : [store]),
  ]
  return {
    ...EXACT,
    name: full.join('+'),
    slim: slim === null ? null : { heads: slimShare, neurons: slimShare },
    prune: pruneShare,
    store,
  }
}

interface Part {
  readonly kind: Kind
  /** Null when the name has none. */
  readonly share: number | null
}

function parsePart(part: string, name: string): Part {
  const [word = '', percent, ...more] = part.trim().toLowerCase().split('-')
  const kind = KINDS.find(each => each === word)
  if (kind === undefined || more.length > 0)
    throw unknown(name, `\`${part}\` is no variant; ${didYouMean(word, KINDS, 'kinds')}`)
  if (percent === undefined) return { kind, share: null }
  if (kind !== 'slim' && kind !== 'pruned') throw unknown(name, `\`${kind}\` takes no percentage`)
  const share = Number(percent) / 100
  if (percent === '' || !(share >= 0 && share < 1)) {
    throw unknown(name, `\`${part}\` should end in a percentage from 0 to 99`)
  }
  return { kind, share }
}

function unknown(name: string, why: string): WatchwordError {
  return new WatchwordError(`Unknown variant \`${name}\`: ${why}`, {
    code: 'unknown-variant',
    hint: 'Use fp32, fp16, int8, int4, pruned-30, slim-50, or a combination joined by +',
  })
}
