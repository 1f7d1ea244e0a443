/** A CLIP checkpoint becomes a model directory that runs: both towers as ONNX, tokenizer, card. */

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
  /** config.json, model.safetensors (or shards with their index), vocab.json, merges.txt; preprocessor_config.json and calibration.json where there are. */
  readonly checkpointDir: string
  /** Made when it is not there. */
  readonly outputDir: string
  /** Textbook graphs for other runtimes, default false. */
  readonly plain?: boolean
  /** What the cards say, where it differs from the checkpoint's own: a hub's address and commit, a registry's name. */
  readonly name?: string
  readonly source?: string
  readonly revision?: string
  /** Default 'watchword'. */
  readonly createdBy?: string
}

/**
 * Weights go from file to file one at a time: memory stays far below the checkpoint's size.
 * @throws WatchwordError `checkpoint-missing`, `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported`,
 *   `checkpoint-tensor-missing`, `checkpoint-shape`, `safetensors-truncated`, `safetensors-invalid`, `safetensors-dtype`,
 *   `tokenizer-missing`, `calibration-invalid`, `file-unreadable`, `unwritable`, `disk-full`
 */
export async function exportModel(options: ExportModelOptions): Promise<ModelCard> {
  const { checkpointDir, outputDir, plain = false, createdBy = 'watchword' } = options
  const checkpoint = await openCheckpoint(checkpointDir)
  const vision = exportVision(checkpoint, { plain })
  const text = exportText(checkpoint, { plain })
  const card = cardOf(checkpoint, options)
  const calibration = await readCalibration(checkpointDir, card.logitScale)
  await writeModelDirectory(outputDir, { card, vision, text, tokenizerDir: checkpointDir, calibration, createdBy })
  return card
}

function cardOf(checkpoint: Checkpoint, options: ExportModelOptions): ModelCard {
  const { config } = checkpoint
  return {
    name: options.name ?? config.name,
    source: options.source ?? resolve(checkpoint.dir),
    revision: options.revision ?? null,
    sourceSha256: checkpoint.sha256(),
    ...cardFacts(config),
    logitScale: Math.exp(floatsOf(checkpoint.tensor('logit_scale', []))[0]!),
    vision: { input: options.plain === true ? 'pixel_values' : 'pixels' },
    parameters: {
      vision: checkpoint.parameters('vision_model.', 'visual_projection.'),
      // The scale counts here, so that both add up to the number by which a model is known: 151,277,313.
      text: checkpoint.parameters('text_model.', 'text_projection.', 'logit_scale'),
    },
  }
}
