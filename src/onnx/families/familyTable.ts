/** All families of checkpoints that can be exported, and the choice of one for a folder. */

import { join } from 'node:path'
import { isRecord, quote } from '../../models/parseForeign.ts'
import { WatchwordError } from '../../util/errors.ts'
import { isThere, readJson, readJsonIfThere } from '../../util/readFile.ts'
import { readSafetensors } from '../readSafetensors.ts'
import { clipFamily } from './clipFamily.ts'
import type { Family } from './family.ts'
import { openClipFamily } from './openClipFamily.ts'
import { siglipFamily } from './siglipFamily.ts'

export const FAMILIES: readonly Family[] = [clipFamily, siglipFamily, openClipFamily]

export interface FoundFamily {
  readonly family: Family
  readonly config: Readonly<Record<string, unknown>>
}

/**
 * The family whose configuration and weights are there; without any weights, the first whose configuration is.
 * Published folders often hold two configurations and the weights of one, in a file whose name both families use.
 * @throws WatchwordError `file-unreadable`, `json-invalid`, `checkpoint-config`, `checkpoint-not-clip`,
 *   `safetensors-truncated`, `safetensors-invalid`
 */
export async function findFamily(dir: string, families = FAMILIES): Promise<FoundFamily> {
  const configFiles = [...new Set(families.map(family => family.configFile))]
  const present = configFiles.filter(file => isThere(join(dir, file)))
  const configs = new Map<string, unknown>()
  for (const file of present.length > 0 ? present : configFiles.slice(0, 1))
    configs.set(file, await readJson(join(dir, file)))
  const found = families.flatMap(family => {
    const config = configs.get(family.configFile)
    return isRecord(config) && family.recognises(config) ? [{ family, config }] : []
  })
  const best = (await withOwnWeights(dir, found)) ?? found[0]
  if (best === undefined) throw notKnown(dir, configs)
  return best
}

async function withOwnWeights(dir: string, found: readonly FoundFamily[]): Promise<FoundFamily | undefined> {
  const candidates = found.filter(({ family }) => hasWeights(dir, family))
  if (candidates.length > 1) for (const each of candidates) if (await hasOwnNames(dir, each.family)) return each
  return candidates[0]
}

/** True when the weights have this family's names. */
async function hasOwnNames(dir: string, { weightFiles, patchWeights }: Family): Promise<boolean> {
  const file = weightFiles.find(each => isThere(join(dir, each)))
  if (file === undefined) return false
  const path = join(dir, file)
  const names = file.endsWith('.index.json') ? await namesInIndex(path) : readSafetensors(path)
  return patchWeights.some(name => names.has(name))
}

async function namesInIndex(path: string): Promise<ReadonlySet<string>> {
  const index = await readJsonIfThere(path)
  const map = isRecord(index) ? index.weight_map : null
  return new Set(isRecord(map) ? Object.keys(map) : [])
}

export function hasWeights(dir: string, family: Family): boolean {
  return family.weightFiles.some(file => isThere(join(dir, file)))
}

function notKnown(dir: string, configs: ReadonlyMap<string, unknown>): WatchwordError {
  const [[file, config]] = [...configs] as [[string, unknown]]
  const path = join(dir, file)
  if (!isRecord(config)) {
    return new WatchwordError(`Expected the file to be an object in ${path}, got ${quote(config)}`, {
      code: 'checkpoint-config',
    })
  }
  const type = config.model_type
  const isFlexible = type === 'siglip2'
  const got = type === undefined ? 'no model_type' : `model_type ${quote(type)}`
  const hint = isFlexible
    ? 'NaFlex models take images of any shape and cannot be exported: choose a SigLIP 2 of fixed resolution'
    : 'Give a CLIP or SigLIP checkpoint with ViT towers'
  return new WatchwordError(`Expected a CLIP, SigLIP or OpenCLIP checkpoint in ${path}, got ${got}`, {
    code: isFlexible ? 'checkpoint-unsupported' : 'checkpoint-not-clip',
    hint,
  })
}
