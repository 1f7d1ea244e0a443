/** What all tokenizers have in common: a text becomes a row of exactly `contextLength` token ids. */

export interface Tokenizer {
  /** Number of tokens in a row, special ones included: 77 for OpenAI's, 64 for SigLIP's. */
  readonly contextLength: number
  /**
   * Longer texts are truncated; their last token is then the end token.
   * The text is literal: `<|endoftext|>` in it is thirteen characters. With `markup` it is the token, as in openai/CLIP.
   */
  encode(text: string, options?: { readonly markup?: boolean }): Tokens
}

export interface Tokens {
  /** [context] int64: the text, its end token, and padding up to the context. */
  readonly ids: BigInt64Array
  /** Number of tokens before truncation, special ones included. */
  readonly count: number
}

export interface RowOptions {
  readonly contextLength: number
  /** The last token of a text. */
  readonly end: number
  /** Fills the row behind the end token. */
  readonly padding: number
}

/** @param tokens without the end token */
export function tokensOf(tokens: readonly number[], { contextLength, end, padding }: RowOptions): Tokens {
  const ids = new BigInt64Array(contextLength).fill(BigInt(padding))
  const kept = tokens.slice(0, contextLength - 1)
  kept.forEach((id, place) => {
    ids[place] = BigInt(id)
  })
  ids[kept.length] = BigInt(end)
  return { ids, count: tokens.length + 1 }
}
