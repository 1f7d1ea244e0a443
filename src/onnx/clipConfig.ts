/** config.json of a Hugging Face CLIPModel, with the defaults of transformers and the known mistakes of published files. */

import { basename, join, resolve } from 'node:path'
import { isRecord, parseForeign, quote, unexpected } from '../models/parseForeign.ts'
import type { ErrorCode } from '../util/errorCodes.ts'
import { WatchwordError } from '../util/errors.ts'
import { readJson, readJsonIfThere } from '../util/readFile.ts'
import { preprocessorSchema, rootSchema, textSchema, UNSUPPORTED, visionSchema } from './clipConfigSchema.ts'

const END_OF_TEXT = '<|endoftext|>'

export interface TowerConfig {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly mlpWidth: number
  readonly activation: 'quick_gelu' | 'gelu'
  /** Of every layer norm. */
  readonly epsilon: number
}

export interface ClipConfig {
  readonly name: string
  /** Length of an embedding. */
  readonly embedDim: number
  readonly vision: TowerConfig & { readonly imageSize: number; readonly patchSize: number }
  readonly text: TowerConfig & {
    readonly vocabSize: number
    readonly contextLength: number
    /** The text embedding is read at the first position of this token. */
    readonly eosTokenId: number
  }
  /** Per RGB channel, for pixels in [0, 1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/**
 * Reads config.json, preprocessor_config.json and vocab.json of a folder; only the first one is required.
 * @throws WatchwordError `file-unreadable`, `json-invalid`, `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported`
 */
export async function readClipConfig(dir: string): Promise<ClipConfig> {
  return parseClipConfig({
    path: join(dir, 'config.json'),
    name: basename(resolve(dir)),
    config: await readJson(join(dir, 'config.json')),
    preprocessor: await readJsonIfThere(join(dir, 'preprocessor_config.json')),
    vocab: await readJsonIfThere(join(dir, 'vocab.json')),
  })
}

export interface ClipFiles {
  /** Of config.json, for messages. */
  readonly path: string
  /** Used when the file has no name of its own. */
  readonly name: string
  /** Parsed contents; null for files that do not exist. */
  readonly config: unknown
  readonly preprocessor: unknown
  readonly vocab: unknown
}

/** @throws WatchwordError `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported` */
export function parseClipConfig({ path: file, name, config, preprocessor, vocab }: ClipFiles): ClipConfig {
  const place = {
    file,
    code: (expected: string): ErrorCode =>
      UNSUPPORTED.includes(expected) ? 'checkpoint-unsupported' : 'checkpoint-config',
  }
  if (!isRecord(config)) throw unexpected('an object', config, place)
  refuseOtherModels(file, config)
  const root = parseForeign(rootSchema, config, place)
  const [visionKey, textKey] = [towerKey(config, 'vision'), towerKey(config, 'text')]
  const vision = parseForeign(visionSchema, config[visionKey] ?? {}, { ...place, at: visionKey })
  const { eosTokenId, ...text } = parseForeign(textSchema, config[textKey] ?? {}, { ...place, at: textKey })
  const imageFile = file.replace(/config\.json$/, 'preprocessor_config.json')
  const { mean, std } = parseForeign(preprocessorSchema, preprocessor ?? {}, { ...place, file: imageFile })
  const token = eosTokenId === null ? endOfVocabulary(vocab, text.vocabSize) : eosTokenId
  return {
    name: root.name ?? name,
    embedDim: root.embedDim,
    vision,
    text: { ...text, eosTokenId: token },
    mean,
    std,
  }
}

function refuseOtherModels(path: string, root: Readonly<Record<string, unknown>>): void {
  const type = root.model_type
  if (type === 'clip') return
  const openClip = 'vision_cfg' in root || 'model_cfg' in root
  const got = openClip ? "OpenCLIP's own format" : type === undefined ? 'no model_type' : `model_type ${quote(type)}`
  throw new WatchwordError(`Expected a CLIPModel checkpoint (model_type "clip") in ${path}, got ${got}`, {
    code: 'checkpoint-not-clip',
    hint: openClip ? 'Take the Hugging Face form of the model' : 'Give a CLIP checkpoint with ViT towers',
  })
}

/** `<tower>_config_dict` of old files replaces `<tower>_config` completely, as in transformers. */
function towerKey(root: Readonly<Record<string, unknown>>, tower: 'vision' | 'text'): string {
  return isRecord(root[`${tower}_config_dict`]) ? `${tower}_config_dict` : `${tower}_config`
}

function endOfVocabulary(vocab: unknown, vocabSize: number): number {
  const id = isRecord(vocab) ? vocab[END_OF_TEXT] : vocabSize - 1
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && id < vocabSize) return id
  throw new WatchwordError(
    `Expected ${END_OF_TEXT} in vocab.json to be a token below vocab_size (${vocabSize}), got ${quote(id)}`,
    { code: 'checkpoint-config', hint: 'vocab.json and config.json do not belong together' },
  )
}
