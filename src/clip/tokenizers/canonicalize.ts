/** SigLIP's canonical form of a text: lower case, no punctuation, single spaces. Without it SigLIP 2 loses 12 points. */

import { unescapeHtml } from '../unescapeHtml.ts'
import { collapseSpaces } from './collapseSpaces.ts'

/** Python's `string.punctuation`. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g

/**
 * `canonicalize_text` of big_vision, as open_clip's SigLIP tokenizers call it
 * (https://github.com/google-research/big_vision/blob/main/big_vision/evaluators/proj/image_text/prompt_engineering.py);
 * of the repairs of ftfy, which open_clip runs first, only NFC normalisation.
 */
export function canonicalize(text: string): string {
  const plain = unescapeHtml(unescapeHtml(text.normalize('NFC')))
  return collapseSpaces(plain.replaceAll('_', ' ').replace(PUNCTUATION, '').toLowerCase())
}
