/** Parses a configuration as a family does, without files. */

import type { ConfigFiles, Family, ParsedCheckpoint, Vocabulary } from '../../../src/onnx/families/family.ts'

export function parseWith(
  family: Family,
  config: object,
  others: Partial<Pick<ConfigFiles, 'preprocessor' | 'vocabulary'>> = {},
): ParsedCheckpoint {
  return family.parse({
    path: `x/${family.configFile}`,
    name: 'x',
    preprocessor: null,
    vocabulary: null,
    ...others,
    config: config as ConfigFiles['config'],
  })
}

export function vocabularyOf(ids: Readonly<Record<string, number>>): Vocabulary {
  return { file: 'vocab.json', maxId: Math.max(...Object.values(ids)), idOf: token => ids[token] }
}
