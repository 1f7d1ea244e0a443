/** The fields of a model card that come from the checkpoint's config. */

import type { ModelCard } from '../models/modelCard.ts'
import type { ClipConfig } from './clipConfig.ts'

type Facts = Pick<
  ModelCard,
  'imageSize' | 'patchSize' | 'embedDim' | 'contextLength' | 'vocabSize' | 'eosTokenId' | 'mean' | 'std' | 'tokenizer'
>

export function cardFacts({ vision, text, embedDim, mean, std }: ClipConfig): Facts {
  const { imageSize, patchSize } = vision
  const { contextLength, vocabSize, eosTokenId } = text
  return { imageSize, patchSize, embedDim, contextLength, vocabSize, eosTokenId, mean, std, tokenizer: 'clip-bpe' }
}
