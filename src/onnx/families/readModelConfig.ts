/** Reads the configuration of a checkpoint's folder, whatever its family. */

import { basename, join, resolve } from 'node:path'
import { identifyTokenizer, presentTokenizerFiles } from '../../models/tokenizerFiles.ts'
import { readJsonIfThere } from '../../util/readFile.ts'
import type { Family, ParsedCheckpoint } from './family.ts'
import { findFamily } from './familyTable.ts'
import { readVocabulary, requireVocabulary } from './vocabulary.ts'

export interface ReadCheckpoint extends ParsedCheckpoint {
  readonly family: Family
}

/**
 * Only the family's configuration file is required; preprocessor_config.json and the tokenizer's files complete it.
 * @throws WatchwordError `file-unreadable`, `json-invalid`, `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported`,
 *   `tokenizer-invalid`
 */
export async function readModelConfig(dir: string, families?: readonly Family[]): Promise<ReadCheckpoint> {
  const { family, config } = await findFamily(dir, families)
  const vocabulary = await readVocabulary(dir)
  const parsed = family.parse({
    path: join(dir, family.configFile),
    name: basename(resolve(dir)),
    config,
    preprocessor: await readJsonIfThere(join(dir, 'preprocessor_config.json')),
    vocabulary,
  })
  requireVocabulary(vocabulary, parsed.config.text.vocabSize)
  // SigLIP and SigLIP 2 have the same configuration and different tokenizers.
  const tokenizer = presentTokenizerFiles(dir) === null ? parsed.config.tokenizer : await identifyTokenizer(dir)
  return { family, ...parsed, config: { ...parsed.config, tokenizer } }
}
