/** What a checkpoint's configuration says, in one form for every family of models. */

import type { ModelCard } from '../models/modelCard.ts'

export type Activation = 'quick_gelu' | 'gelu' | 'gelu_tanh'

export interface TowerConfig {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly mlpWidth: number
  readonly activation: Activation
  /** Of every layer norm. */
  readonly epsilon: number
}

export interface VisionConfig extends TowerConfig {
  /** Side of the square image in pixels. Pixels that do not fill a patch are cut off at the right and at the bottom. */
  readonly imageSize: number
  readonly patchSize: number
  /** Patches per side in the checkpoint's table of positions; another image size resamples the table. */
  readonly tableSide: number
  /** A token before the patches. */
  readonly classToken: boolean
  /** The product of a patch has a bias. */
  readonly patchBias: boolean
  /** A layer norm before the first layer. */
  readonly normBefore: boolean
  /** Rotates queries and keys by the place of their patch; the first one lies at `offset` in both directions. */
  readonly rotary: { readonly offset: number } | null
  /** A norm, then attention from a learned query, with an MLP. Null: the first token, then a norm. */
  readonly attentionPool: { readonly heads: number; readonly mlpWidth: number } | null
  /** The linear layer after pooling. */
  readonly projection: 'none' | 'linear' | 'biased'
}

export interface TextConfig extends TowerConfig {
  readonly vocabSize: number
  readonly contextLength: number
  /** Each token attends only to itself and to earlier ones. */
  readonly causal: boolean
  /** The token whose vector becomes the embedding; `end` is the first end token. */
  readonly pooling: 'end' | 'last' | 'first'
  readonly eosTokenId: number
  /** Null: the tokenizer's own. */
  readonly padTokenId: number | null
  /** The projection after pooling has a bias. */
  readonly projectionBias: boolean
}

export interface ModelConfig {
  readonly name: string
  /** Length of an embedding. */
  readonly embedDim: number
  readonly vision: VisionConfig
  readonly text: TextConfig
  /** Per RGB channel, for pixels in [0, 1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  /** How images became square in training. */
  readonly fit: ModelCard['fit']
  readonly tokenizer: ModelCard['tokenizer']
  /** The checkpoint has a bias of the logits. */
  readonly logitBias: boolean
}

/** The text tower sees padding, so that texts must have the length of those in training. */
export function isFixedLength({ causal, pooling }: Pick<TextConfig, 'causal' | 'pooling'>): boolean {
  return !causal || pooling === 'last'
}

/** Patches per side of the image. */
export function gridOf({ imageSize, patchSize }: VisionConfig): number {
  return Math.floor(imageSize / patchSize)
}
