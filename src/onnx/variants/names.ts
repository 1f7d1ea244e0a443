/** Variant names: `int8`, `pruned-30`, `slim-50+int8`. A name says what is done, in which order, and can be parsed back. */

import { WatchwordError } from '../../util/errors.ts'
import { nearest } from '../../util/nearest.ts'

/** What a name's parts ask for, in the order in which they are done. */
export type Step =
  | { readonly kind: 'slim'; readonly heads: number; readonly neurons: number }
  | { readonly kind: 'pruned'; readonly amount: number }
  | { readonly kind: 'fp16' | 'int8' | 'int4' }

/** Removing comes before storing small: what is quantized cannot be pruned any more. */
const ORDER = ['slim', 'pruned', 'fp16', 'int8', 'int4']
const KINDS = ['fp32', ...ORDER]

/**
 * 'fp32' gives no steps. A bare `pruned` or `slim` takes the given share.
 * @throws WatchwordError `unknown-variant`
 */
export function parseVariant(name: string, shares: { pruneAmount: number; slimAmount: number }): Step[] {
  const steps = name.split('+').flatMap(part => parsePart(part, name, shares))
  const stores = steps.filter(step => ORDER.indexOf(step.kind) >= ORDER.indexOf('fp16'))
  if (stores.length > 1) throw unknown(name, 'it stores the weights in two ways')
  const sorted = [...steps].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  if (sorted.some((step, i) => step.kind === sorted[i + 1]?.kind)) throw unknown(name, 'it does one thing twice')
  return sorted
}

/** The name that `parseVariant` turns into these steps. */
export function variantName(steps: readonly Step[]): string {
  return steps.length === 0 ? 'fp32' : steps.map(partName).join('+')
}

/** What was done, for people: ['slim: 50 % of heads and neurons', 'int8']. */
export function describeSteps(steps: readonly Step[]): string[] {
  return steps.length === 0 ? ['fp32'] : steps.map(describeStep)
}

function parsePart(part: string, name: string, shares: { pruneAmount: number; slimAmount: number }): Step[] {
  const [kind = '', percent, ...more] = part.trim().toLowerCase().split('-')
  if (more.length > 0 || !KINDS.includes(kind)) throw unknown(name, `\`${part}\` is no variant`, nearest(kind, KINDS))
  if (kind === 'slim' || kind === 'pruned') {
    const fallback = kind === 'slim' ? shares.slimAmount : shares.pruneAmount
    const amount = percent === undefined ? fallback : Number(percent) / 100
    if (!(amount >= 0 && amount < 1)) throw unknown(name, `\`${part}\` should end in a percentage from 0 to 99`)
    return [kind === 'slim' ? { kind, heads: amount, neurons: amount } : { kind, amount }]
  }
  if (percent !== undefined) throw unknown(name, `\`${kind}\` takes no percentage`)
  return kind === 'fp32' ? [] : [{ kind: kind as 'fp16' | 'int8' | 'int4' }]
}

function partName(step: Step): string {
  if (step.kind === 'pruned') return `pruned-${percentOf(step.amount)}`
  return step.kind === 'slim' ? `slim-${percentOf(step.neurons)}` : step.kind
}

function describeStep(step: Step): string {
  if (step.kind === 'pruned') return `pruned: the smallest ${percentOf(step.amount)} % of every linear layer's weights`
  if (step.kind !== 'slim') return step.kind
  return `slim: without ${percentOf(step.heads)} % of the attention heads and ${percentOf(step.neurons)} % of the neurons`
}

/** 0.3 → '30', 0.125 → '12.5'. */
function percentOf(share: number): string {
  return String(Number((share * 100).toFixed(2)))
}

function unknown(name: string, why: string, suggestion: string | null = null): WatchwordError {
  const meant = suggestion === null ? '' : `; did you mean ${suggestion}?`
  return new WatchwordError(`Unknown variant \`${name}\`: ${why}${meant}`, {
    code: 'unknown-variant',
    hint: 'Use fp32, fp16, int8, int4, pruned-30, slim-50, or some of them joined by +',
  })
}
