/** Exports a checkpoint with standard ONNX operators only, for runtimes without onnxruntime's own operators. */

import { join } from 'node:path'
import { locateModel } from '../../models/locateModel.ts'
import { exportModel } from '../../onnx/exportModel.ts'
import { WatchwordError } from '../../util/errors.ts'
import { isThere } from '../../util/readFile.ts'
import { packageVersion } from '../packageVersion.ts'

export interface PlainOptions {
  readonly outputDir: string
  readonly dataDir: string
}

/** @throws WatchwordError `checkpoint-missing`, `output-other-model`, and those of finding and exporting a checkpoint */
export async function exportPlain(model: string, { outputDir, dataDir }: PlainOptions) {
  const { kind, dir, name } = await locateModel(model, { dataDir })
  if (kind === 'model') {
    throw new WatchwordError(`Expected a checkpoint for --plain, got the model directory ${dir}`, {
      code: 'checkpoint-missing',
      hint: 'Name the checkpoint that the model was made from',
    })
  }
  if (isThere(join(outputDir, 'model.json'))) {
    throw new WatchwordError(`There is already a model in ${outputDir}`, {
      code: 'output-other-model',
      hint: 'Choose an empty folder',
    })
  }
  await exportModel({ checkpointDir: dir, outputDir, plain: true, name, createdBy: `watchword ${packageVersion()}` })
  return { dir: outputDir, name }
}
