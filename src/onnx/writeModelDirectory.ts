/** Writes a model directory from two graphs. Nothing is left behind on failure. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ModelCard, writeModelCard } from '../models/modelCard.ts'
import { findTokenizerFiles } from '../models/tokenizerFiles.ts'
import { visionFile, writeVariantCard } from '../models/variantCard.ts'
import type { Calibration } from '../scoringTypes.ts'
import { atomicWrite } from '../util/atomicWrite.ts'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { readWhole } from '../util/readFile.ts'
import type { Graph } from './graph.ts'
import { readCpu } from './measure/readCpu.ts'
import { saveModel } from './onnxFile.ts'
import { statisticsOf } from './variants/statistics.ts'

export interface ModelDirectory {
  readonly card: ModelCard
  readonly vision: Graph
  readonly text: Graph
  /** Folder with the tokenizer’s files. */
  readonly tokenizerDir: string
  readonly calibration: Calibration
  /** 'watchword 0.1.0' */
  readonly createdBy: string
}

/**
 * Files: those of the tokenizer, text.onnx, vision.fp32.onnx, fp32.json and, last, model.json. When one cannot be
 * written, those before it are removed.
 * @returns the card as written, with the hash of text.onnx
 * @throws WatchwordError `tokenizer-missing`, `unwritable`, `disk-full`, and the errors of reading the weights
 */
export async function writeModelDirectory(dir: string, model: ModelDirectory): Promise<ModelCard> {
  const { card, vision, text, calibration, createdBy } = model
  const tokenizer = await readTokenizer(model.tokenizerDir)
  await makeDirectory(dir)
  const written: string[] = []
  const claim = (file: string) => {
    const path = join(dir, file)
    written.push(path)
    return path
  }
  try {
    for (const [file, content] of tokenizer) await atomicWrite(claim(file), content)
    const { sha256: textSha256 } = await saveModel(text, claim('text.onnx'))
    const saved = await saveModel(vision, claim(visionFile('fp32')))
    const { total, nonZero, sparsity } = statisticsOf(vision)
    claim('fp32.json')
    await writeVariantCard(dir, {
      variant: 'fp32',
      recipe: ['fp32'],
      file: visionFile('fp32'),
      ...saved,
      sourceSha256: card.sourceSha256,
      parameters: { total, nonZero },
      sparsity,
      cosine: null,
      agreement: null,
      calibration,
      cpu: readCpu(null),
      createdBy,
    })
    const written = { ...card, textSha256 }
    await writeModelCard(dir, written)
    return written
  } catch (error) {
    for (const path of written.flatMap(path => [path, `${path}.data`])) await rm(path, { force: true }).catch(() => {})
    throw error
  }
}

async function readTokenizer(dir: string): Promise<(readonly [string, Uint8Array])[]> {
  return Promise.all(findTokenizerFiles(dir).map(async file => [file, await readWhole(join(dir, file))] as const))
}

async function makeDirectory(dir: string): Promise<void> {
  await makeFolder(dir).catch(cause => {
    throw new WatchwordError(`Cannot create the directory ${dir}: ${messageOf(cause)}`, {
      code: 'unwritable',
      hint: 'Choose a directory with write permission',
      cause,
    })
  })
}
