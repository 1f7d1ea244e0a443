/** The dependencies of `optimizeModel` on the command line. */

import { resolveModel } from '../../models/resolveModel.ts'
import { dataDirectory } from '../../util/dataDirectory.ts'
import { clipModelBuilder } from '../clipModelBuilder.ts'
import { demoImages } from '../demoImages.ts'
import { createProgress } from '../progress.ts'
import { sampleFrames, textsOf } from '../sampleFrames.ts'
import { exportOwn } from './exportOwn.ts'
import type { OptimizeDeps } from './optimizeOptions.ts'

/** Steps and a progress bar go to stderr, so that stdout has only the result. */
export function optimizeDeps(quiet: boolean): OptimizeDeps & { readonly finish: () => void } {
  const progress = createProgress('optimizing', 1)
  const onStep = (step: string) => {
    progress.done()
    if (!quiet || process.stderr.isTTY) process.stderr.write(`${step}\n`)
  }
  return {
    findModel: name =>
      resolveModel(name, { variant: 'fp32', dataDir: dataDirectory(), modelBuilder: clipModelBuilder, onStep }),
    exportOwn: (name, own, outputDir) => exportOwn(name, own, { outputDir, dataDir: dataDirectory() }),
    readFrames: sampleFrames,
    drawImages: demoImages,
    readTexts: textsOf,
    onStep,
    onProgress: progress.at,
    finish: progress.done,
  }
}
