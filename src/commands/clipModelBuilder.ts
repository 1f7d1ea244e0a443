/** The model builder of the product: exports checkpoints and makes variants on first use. */

import { dirname } from 'node:path'
import { embedPhrases } from '../clip/embedPhrases.ts'
import { DEFAULT_EVENTS, readLibrary } from '../config/promptLibrary.ts'
import { resolveEvents } from '../config/resolveEvents.ts'
import type { ModelBuilder } from '../models/modelBuilder.ts'
import { readModelCard } from '../models/modelCard.ts'
import { exportModel } from '../onnx/exportModel.ts'
import { hasOnnxTowers, importOnnxTowers } from '../onnx/importOnnxTowers.ts'
import { openVariantBuilder } from '../onnx/measure/variantBuilder.ts'
import { parseVariant } from '../onnx/variants/parseVariant.ts'
import type { ScoringTexts } from '../scoringTypes.ts'
import { WatchwordError } from '../util/errors.ts'
import { demoImages } from './demoImages.ts'
import { packageVersion } from './packageVersion.ts'
import { phrasesOf } from './watchStateOf.ts'

/** Default fractions: `pruned` is `pruned-30`, `slim` is `slim-50`. */
const FRACTIONS = { prune: 0.3, slim: 0.5 }

/** `slim` → `slim-50`, `int8+slim` → `slim-50+int8`; the name of a user's own recipe is kept. */
export function variantName(name: string): string {
  try {
    return parseVariant(name, FRACTIONS).name
  } catch (error) {
    if (error instanceof WatchwordError && error.code === 'unknown-variant') return name
    throw error
  }
}

/** Fewer than `optimize` uses, because the user is waiting for the first event. */
const CALIBRATION_IMAGES = 96

const createdBy = `watchword ${packageVersion()}`

export const clipModelBuilder: ModelBuilder = {
  exportModel: (dir, outputDir) =>
    hasOnnxTowers(dir)
      ? importOnnxTowers({ towersDir: dir, outputDir, createdBy })
      : exportModel({ checkpointDir: dir, outputDir, createdBy }),
  makeVariant,
}

/**
 * A variant of the bundled model is calibrated and judged on synthetic images, and rejected when it changes events.
 * Other models are not measured here; `watchword optimize --calibrate` measures them on the user's own video.
 */
async function makeVariant(modelDir: string, name: string): Promise<void> {
  const recipe = parseVariant(name, FRACTIONS)
  const card = await readModelCard(modelDir)
  const isDemo = card.name === 'demo'
  const builder = await openVariantBuilder({
    modelDir,
    pictures: isDemo ? await demoImages(card.imageSize, { count: CALIBRATION_IMAGES }) : [],
    texts: isDemo ? await defaultTexts(modelDir) : null,
    createdBy,
  })
  try {
    const { card: made, verdict } = await builder.build(recipe)
    if (made === null)
      throw new WatchwordError(
        `The variant ${name} of ${card.name} failed the quality gate: ${verdict?.misses.join('; ')}`,
        {
          code: 'variant-refused',
          hint: `Choose another variant; \`watchword optimize --variants ${name}\` judges on more images, and --force keeps rejected variants`,
        },
      )
  } finally {
    await builder.close()
  }
}

/** Encodes the default events with the fp32 model. */
function defaultTexts(modelDir: string): Promise<ScoringTexts> {
  const events = resolveEvents(DEFAULT_EVENTS, readLibrary())
  const options = { modelDir, variant: 'fp32', events: phrasesOf(events), cacheDir: `${dirname(modelDir)}/../texts` }
  return embedPhrases(options, { emit: () => {} })
}
