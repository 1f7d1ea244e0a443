/** Copies the fp32 model and the files that all variants share into the output folder. */

import { constants, copyFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readModelCard } from '../../models/modelCard.ts'
import { TOKENIZER_FILES } from '../../models/tokenizerFiles.ts'
import { visionFile } from '../../models/variantCard.ts'
import { WatchwordError } from '../../util/errors.ts'
import { isThere } from '../../util/readFile.ts'
import { writeError } from '../../util/writeError.ts'

/** The card comes last: a folder with a card is complete. */
const FILES = [
  ...TOKENIZER_FILES,
  'text.onnx.data',
  'text.onnx',
  `${visionFile('fp32')}.data`,
  visionFile('fp32'),
  'fp32.json',
  'checksums.json',
  'model.json',
]

/**
 * Nothing stays behind on failure.
 * @param outputDir must exist
 * @throws WatchwordError `unwritable`, `disk-full`, `output-other-model` when it contains another model
 */
export async function prepareOutputDir(modelDir: string, outputDir: string): Promise<void> {
  if (resolve(modelDir) === resolve(outputDir)) return
  if (isThere(join(outputDir, 'model.json'))) {
    const [ours, theirs] = [await readModelCard(modelDir), await readModelCard(outputDir)]
    if (ours.sourceSha256 !== theirs.sourceSha256)
      throw otherModel(outputDir, `${theirs.name}, made from other weights`)
    if (ours.imageSize !== theirs.imageSize)
      throw otherModel(outputDir, `${theirs.name} for images of ${theirs.imageSize} pixels`)
    return
  }
  const copied: string[] = []
  try {
    for (const file of FILES.filter(each => isThere(join(modelDir, each)))) {
      await copy(join(modelDir, file), join(outputDir, file))
      copied.push(file)
    }
  } catch (error) {
    for (const file of copied) await rm(join(outputDir, file), { force: true })
    throw error
  }
}

async function copy(from: string, to: string): Promise<void> {
  const part = `${to}.${process.pid}.part`
  try {
    // A copy-on-write clone where the file system supports it.
    await copyFile(from, part, constants.COPYFILE_FICLONE)
    await rename(part, to)
  } catch (error) {
    await rm(part, { force: true })
    throw writeError(error, to)
  }
}

function otherModel(dir: string, what: string): WatchwordError {
  return new WatchwordError(`There is another model in ${dir}: ${what}`, {
    code: 'output-other-model',
    hint: 'Choose an empty folder, or remove this one',
  })
}
