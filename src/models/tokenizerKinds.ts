/** The kinds of tokenizers that models have. */

/**
 * `clip-bpe`: CLIP's byte-pair encoding. `gemma`: SigLIP 2's, byte-pair encoding of characters with bytes as fallback.
 * `siglip`: SigLIP's, a SentencePiece unigram model.
 */
export const TOKENIZER_KINDS = ['clip-bpe', 'gemma', 'siglip'] as const
export type TokenizerKind = (typeof TOKENIZER_KINDS)[number]
