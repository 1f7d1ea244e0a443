/** All that an evaluation found out, as its outputs show it. */

import type { Truth } from '../../eval/truthOf.ts'
import type { VideoResult } from './evaluateVideo.ts'
import type { Footage } from './openLabels.ts'
import type { VariantSummary } from './summarize.ts'

export interface Evaluation {
  readonly model: string
  /** Least intersection over union of a pair. */
  readonly overlap: number
  readonly videos: readonly EvaluatedVideo[]
  readonly variants: readonly VariantSummary[]
  /** Sentences about labels that were merged or left out. */
  readonly notes: readonly string[]
}

export interface EvaluatedVideo {
  readonly footage: Pick<Footage, 'file' | 'path'>
  readonly truth: Truth
  /** One for each variant, in their order. */
  readonly results: readonly VideoResult[]
}
