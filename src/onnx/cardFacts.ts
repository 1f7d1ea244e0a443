/** The fields of a model card that come from the checkpoint's configuration. */

import type { ModelCard } from '../models/modelCard.ts'
import type { ModelConfig } from './modelConfig.ts'

type Facts = Omit<
  ModelCard,
  'name' | 'source' | 'revision' | 'sourceSha256' | 'logitScale' | 'logitBias' | 'vision' | 'parameters'
>

export function cardFacts({ vision, text, embedDim, mean, std, fit, tokenizer }: ModelConfig): Facts {
  const { imageSize, patchSize } = vision
  const { contextLength, vocabSize, eosTokenId, padTokenId } = text
  return {
    ...{ imageSize, patchSize, embedDim, contextLength, vocabSize, eosTokenId, mean, std, fit, tokenizer },
    text: { padTokenId },
  }
}
