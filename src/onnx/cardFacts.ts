/** What a model's card takes from its config, whether we write the graphs or somebody else did. */

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
