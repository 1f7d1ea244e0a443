/** The tokens of a checkpoint's tokenizer files, as far as an export needs them. */

import { join } from 'node:path'
import { isRecord, quote } from '../../models/parseForeign.ts'
import { WatchwordError } from '../../util/errors.ts'
import { readJsonIfThere } from '../../util/readFile.ts'
import type { Vocabulary } from './family.ts'

const END_OF_TEXT = '<|endoftext|>'

/**
 * vocab.json, or the vocabulary in tokenizer.json; null without both, or when they have another form.
 * @throws WatchwordError `json-invalid`, `file-unreadable`
 */
export async function readVocabulary(dir: string): Promise<Vocabulary | null> {
  const pieces = await readJsonIfThere(join(dir, 'vocab.json'))
  if (isRecord(pieces)) return vocabularyOf('vocab.json', new Map(Object.entries(pieces)))
  const tokenizer = await readJsonIfThere(join(dir, 'tokenizer.json'))
  if (!isRecord(tokenizer)) return null
  const { model, added_tokens: added } = tokenizer
  const vocab = isRecord(model) ? model.vocab : null
  const ids = new Map<unknown, unknown>(isRecord(vocab) ? Object.entries(vocab) : listed(vocab))
  for (const token of Array.isArray(added) ? added : []) if (isRecord(token)) ids.set(token.content, token.id)
  return ids.size === 0 ? null : vocabularyOf('tokenizer.json', ids)
}

/** Unigram models list [piece, score]; the place is the id. */
function listed(vocab: unknown): [unknown, number][] {
  return Array.isArray(vocab) ? vocab.map((entry, id) => [Array.isArray(entry) ? entry[0] : entry, id]) : []
}

function vocabularyOf(file: string, ids: ReadonlyMap<unknown, unknown>): Vocabulary {
  let maxId = 0
  for (const id of ids.values()) if (typeof id === 'number' && id > maxId) maxId = id
  return {
    file,
    maxId,
    idOf: token => {
      const id = ids.get(token)
      return typeof id === 'number' ? id : undefined
    },
  }
}

/**
 * CLIP's end token: as the vocabulary says, else the last token.
 * @throws WatchwordError `checkpoint-config` when the vocabulary is not of this model
 */
export function endOfText(vocabulary: Vocabulary | null, vocabSize: number): number {
  if (vocabulary === null) return vocabSize - 1
  const id = vocabulary.idOf(END_OF_TEXT)
  if (id !== undefined && Number.isSafeInteger(id) && id >= 0 && id < vocabSize) return id
  throw new WatchwordError(
    `Expected ${END_OF_TEXT} in ${vocabulary.file} to be a token below vocab_size (${vocabSize}), got ${quote(id)}`,
    { code: 'checkpoint-config', hint: `${vocabulary.file} and the configuration do not belong together` },
  )
}

/** With a larger vocabulary, a text could name a word that the table does not have. @throws WatchwordError `checkpoint-config` */
export function requireVocabulary(vocabulary: Vocabulary | null, vocabSize: number): void {
  if (vocabulary === null || vocabulary.maxId < vocabSize) return
  throw new WatchwordError(
    `Expected the tokens of ${vocabulary.file} to be below vocab_size (${vocabSize}), got ${vocabulary.maxId}`,
    { code: 'checkpoint-config', hint: `${vocabulary.file} and the configuration do not belong together` },
  )
}
