/** The textbook graphs of a checkpoint, straight into the output folder: for runtimes that lack onnxruntime's own operators. */

import { join } from 'node:path'
import { locateModel } from '../../models/locateModel.ts'
import { exportModel } from '../../onnx/exportModel.ts'
import { WatchwordError } from '../../util/errors.ts'
import { isThere } from '../../util/readFile.ts'
import { packageVersion } from '../version.ts'

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
      hint: 'Its graphs are written already: name the checkpoint that it was made from',
    })
  }
  if (isThere(join(outputDir, 'model.json'))) {
    throw new WatchwordError(`A model lives in ${outputDir} already`, {
      code: 'output-other-model',
      hint: 'Choose an empty folder for textbook graphs',
    })
  }
  await exportModel({ checkpointDir: dir, outputDir, plain: true, name, createdBy: `watchword ${packageVersion()}` })
  return { dir: outputDir, name }
}
