/** The quality gate: decides whether a variant is good enough to be used. */

import type { Recipe } from '../recipe.ts'
import type { Agreement } from './agreement.ts'
import type { Comparison } from './createReference.ts'

/** Minimum values for a variant; 0 means no minimum. */
export interface QualityGate {
  readonly cosineMean: number
  readonly cosineMin: number
  readonly agreement: number
  /** Maximum of `Comparison.marginChange`. */
  readonly marginChange: number
}

export interface Verdict {
  readonly passed: boolean
  /** One clause per miss: 'cosine mean 0.9412 is 0.0088 below 0.9500'. */
  readonly misses: readonly string[]
}

const FP16: QualityGate = { cosineMean: 0.9999, cosineMin: 0.999, agreement: 0.999, marginChange: 0.05 }
const INT8: QualityGate = { cosineMean: 0.99, cosineMin: 0.97, agreement: 0.99, marginChange: 0.25 }
/** int4, pruned variants and other image sizes move the embeddings; what counts is that event decisions stay. */
export const COARSE: QualityGate = { cosineMean: 0.95, cosineMin: 0.9, agreement: 0.98, marginChange: 1.5 }

/** The gate is chosen by the coarsest step of the recipe. */
export function gateOf({ slim, prune, store, layers }: Recipe): QualityGate {
  const stores = [store, ...layers.map(rule => rule.store)]
  const prunes = [prune, ...layers.map(rule => rule.prune ?? 0)]
  if (slim !== null || prunes.some(amount => amount > 0) || stores.includes('int4')) return COARSE
  return stores.includes('int8') ? INT8 : FP16
}

/** For every variant: an embedding must not depend on the other frames of its batch. */
const BATCH_DIFFERENCE = 1e-4

/** Judges measurements on real frames. Without events, only the embeddings count. */
export function judge(gate: QualityGate, { cosine, agreement, marginChange, batchDifference }: Judged): Verdict {
  const misses = [
    miss('cosine mean', cosine.mean, gate.cosineMean),
    miss('cosine min', cosine.min, gate.cosineMin),
    agreement === null ? null : missOfEvents(agreement, gate.agreement),
    marginChange === null ? null : missOfMargins(marginChange, gate.marginChange),
    batchDifference <= BATCH_DIFFERENCE
      ? null
      : `embeddings depend on their batch by ${batchDifference.toExponential(1)}`,
  ].filter(each => each !== null)
  return { passed: misses.length === 0, misses }
}

type Judged = Pick<Comparison, 'cosine' | 'marginChange' | 'batchDifference'> & {
  readonly agreement: Pick<Agreement, 'share' | 'decisions'> | null
}

/** Includes the number of decisions: with few of them the fraction is coarse. */
function missOfEvents({ share, decisions }: Pick<Agreement, 'share' | 'decisions'>, least: number): string | null {
  const missed = miss('event agreement', share, least)
  return missed === null ? null : `${missed} (${Math.round((1 - share) * decisions)} of ${decisions} decisions differ)`
}

function missOfMargins(change: number, most: number): string | null {
  // `<=` first, so that NaN fails.
  if (change <= most) return null
  return `margins change by ${change.toFixed(2)} widths of the score (99th percentile), more than ${most.toFixed(2)}`
}

function miss(what: string, value: number, least: number): string | null {
  // `>=` first, so that NaN fails.
  if (value >= least) return null
  return `${what} ${value.toFixed(4)} is ${(least - value).toFixed(4)} below ${least.toFixed(4)}`
}
