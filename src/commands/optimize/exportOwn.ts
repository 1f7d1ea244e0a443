/** Exports a checkpoint with settings of its own, instead of copying the usual export. */

import { join } from 'node:path'
import { locateModel } from '../../models/locateModel.ts'
import { writeChecksums } from '../../models/verifyModel.ts'
import { exportModel } from '../../onnx/exportModel.ts'
import { WatchwordError } from '../../util/errors.ts'
import { isThere } from '../../util/readFile.ts'
import { makeWorkFolder } from '../../util/workFolder.ts'
import { packageVersion } from '../packageVersion.ts'

export interface OwnExport {
  /** Standard ONNX operators only, for runtimes without onnxruntime's own operators. */
  readonly plain: boolean
  /** Side of the images in pixels; undefined: as in training. */
  readonly imageSize?: number | undefined
}

export interface OwnPlaces {
  readonly outputDir: string
  readonly dataDir: string
}

export interface OwnModel {
  /** A work folder inside the output folder. */
  readonly dir: string
  readonly name: string
  readonly remove: () => Promise<void>
}

/** @throws WatchwordError `checkpoint-missing`, `output-other-model`, and those of finding and exporting a checkpoint */
export async function exportOwn(
  model: string,
  { plain, imageSize }: OwnExport,
  { outputDir, dataDir }: OwnPlaces,
): Promise<OwnModel> {
  const { kind, dir, name } = await locateModel(model, { dataDir })
  if (kind === 'model') {
    const option = plain ? '--plain' : '--image-size'
    throw new WatchwordError(`Expected a checkpoint for ${option}, got the model directory ${dir}`, {
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
  const createdBy = `watchword ${packageVersion()}`
  const size = imageSize === undefined ? {} : { imageSize }
  const part = await makeWorkFolder(outputDir, '.making-')
  try {
    await exportModel({ checkpointDir: dir, outputDir: part.path, plain, name, createdBy, ...size })
    await writeChecksums(part.path)
  } catch (error) {
    await part.remove()
    throw error
  }
  return { dir: part.path, name, remove: part.remove }
}
