/** Exports a checkpoint to a model directory: both towers as ONNX, tokenizer, cards. */

import { resolve } from 'node:path'
import type { ModelCard } from '../models/modelCard.ts'
import { readCalibration } from '../models/readCalibration.ts'
import { cardFacts } from './cardFacts.ts'
import { exportText } from './exportText.ts'
import { exportVision } from './exportVision.ts'
import { type Checkpoint, openCheckpoint } from './openCheckpoint.ts'
import { floatsOf } from './tensor.ts'
import { writeModelDirectory } from './writeModelDirectory.ts'

export interface ExportModelOptions {
  /**
   * transformers' form: config.json, model.safetensors (or shards with their index), preprocessor_config.json if there is one.
   * OpenCLIP's: open_clip_config.json, open_clip_model.safetensors or model.safetensors.
   * Both: vocab.json and merges.txt, spiece.model, or tokenizer.json; calibration.json if there is one.
   */
  readonly checkpointDir: string
  /** Created when it does not exist. */
  readonly outputDir: string
  /** Graphs of standard ONNX operators only, for other runtimes. Default: false. */
  readonly plain?: boolean
  /** Side of the images in pixels: a multiple of the patch size. Default: as in training. */
  readonly imageSize?: number
  /** Values for the cards that replace the checkpoint's own: a hub's address and commit, a registry's name. */
  readonly name?: string
  readonly source?: string
  readonly revision?: string
  /** Default 'watchword'. */
  readonly createdBy?: string
}

/**
 * Weights are copied one at a time: memory use stays far below the checkpoint's size.
 * @throws WatchwordError `checkpoint-missing`, `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported`,
 *   `checkpoint-tensor-missing`, `checkpoint-shape`, `invalid-option`, `safetensors-truncated`, `safetensors-invalid`, `safetensors-dtype`,
 *   `tokenizer-missing`, `calibration-invalid`, `file-unreadable`, `unwritable`, `disk-full`
 */
export async function exportModel(options: ExportModelOptions): Promise<ModelCard> {
  const { checkpointDir, outputDir, plain = false, createdBy = 'watchword' } = options
  const { imageSize } = options
  const checkpoint = await openCheckpoint(checkpointDir, imageSize === undefined ? {} : { imageSize })
  const vision = exportVision(checkpoint, { plain })
  const text = exportText(checkpoint, { plain })
  const card = cardOf(checkpoint, options)
  const calibration = await readCalibration(checkpointDir, card.logitScale)
  return writeModelDirectory(outputDir, { card, vision, text, tokenizerDir: checkpointDir, calibration, createdBy })
}

function cardOf(checkpoint: Checkpoint, options: ExportModelOptions): ModelCard {
  const { config } = checkpoint
  return {
    name: options.name ?? config.name,
    source: options.source ?? resolve(checkpoint.dir),
    revision: options.revision ?? null,
    sourceSha256: checkpoint.sha256(),
    ...cardFacts(config),
    logitScale: Math.exp(floatsOf(checkpoint.scalar('logit_scale'))[0]!),
    logitBias: config.logitBias ? floatsOf(checkpoint.scalar('logit_bias'))[0]! : 0,
    vision: { input: options.plain === true ? 'pixel_values' : 'pixels' },
    // The text tower's include the logit scale, so that both add up to the published number: 151,277,313 for ViT-B/32.
    parameters: { vision: checkpoint.parameters('vision'), text: checkpoint.parameters('text') },
  }
}
