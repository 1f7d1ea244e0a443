/** The tokenizer files of a model directory or checkpoint, and the kind of tokenizer that they contain. */

import { join } from 'node:path'
import { WatchwordError } from '../util/errors.ts'
import { isThere } from '../util/readFile.ts'
import { readTokenizerHead, type TokenizerHead } from './readTokenizerHead.ts'
import { refuseUnknownParts } from './refuseUnknownParts.ts'
import type { TokenizerKind } from './tokenizerKinds.ts'

/** Each form is complete in itself; the first one that is there is used. */
const FORMS = [['vocab.json', 'merges.txt'], ['spiece.model'], ['tokenizer.json']] as const

/** Every file name that a tokenizer may have. */
export const TOKENIZER_FILES: readonly string[] = FORMS.flat()

/** The files of CLIP's tokenizer as OpenAI published it. */
export const CLIP_TOKENIZER_FILES: readonly string[] = FORMS[0]

/** Names of the files to read and to copy; null when no form is complete. */
export function presentTokenizerFiles(dir: string): readonly string[] | null {
  return FORMS.find(files => files.every(file => isThere(join(dir, file)))) ?? null
}

/** As `presentTokenizerFiles`. @throws WatchwordError `tokenizer-missing` */
export function findTokenizerFiles(dir: string): readonly string[] {
  const found = presentTokenizerFiles(dir)
  if (found !== null) return found
  const half = FORMS[0].filter(file => isThere(join(dir, file)))
  const what =
    half.length > 0 ? `only ${half[0]}` : isThere(join(dir, 'tokenizer.model')) ? 'only tokenizer.model' : 'none'
  throw new WatchwordError(
    `Expected vocab.json and merges.txt, spiece.model or tokenizer.json in ${dir}, found ${what}`,
    {
      code: 'tokenizer-missing',
      hint: 'Copy them from the model’s repository; all CLIP models have those of openai/clip-vit-base-patch32',
    },
  )
}

/** @throws WatchwordError `tokenizer-missing`, `tokenizer-invalid` for a tokenizer of another kind, `file-unreadable` */
export async function identifyTokenizer(dir: string): Promise<TokenizerKind> {
  const [file] = findTokenizerFiles(dir)
  if (file === 'vocab.json') return 'clip-bpe'
  if (file === 'spiece.model') return 'siglip'
  const path = join(dir, 'tokenizer.json')
  const head = await readTokenizerHead(path)
  const kind = kindOf(head, path)
  refuseUnknownParts(kind, head, path)
  return kind
}

function kindOf({ model }: TokenizerHead, path: string): TokenizerKind {
  if (model.type === 'BPE' && model.end_of_word_suffix === '</w>') return 'clip-bpe'
  if (model.type === 'BPE' && model.byte_fallback === true) return 'gemma'
  if (model.type === 'Unigram') return 'siglip'
  const got = model.type === 'BPE' ? 'byte-pair encoding of another form' : (model.type ?? 'no model type')
  throw new WatchwordError(`Expected the tokenizer of a CLIP or SigLIP model in ${path}, got ${got}`, {
    code: 'tokenizer-invalid',
    hint: 'Take tokenizer.json from the model’s own repository',
  })
}
