/** Resolves the model, starts its encoder and encodes the event texts, for `run` and `detect`. */

import { type EncoderHandle, startEncoder } from '../clip/startEncoder.ts'
import type { LoadedConfig } from '../config/loadConfig.ts'
import { variantName } from './clipModelBuilder.ts'
import { openTexts, resolveVariant, type TextEngine, type TextEngineDeps } from './openTexts.ts'

type Config = LoadedConfig['config']

export interface Engine extends TextEngine {
  readonly encoder: EncoderHandle
}

/** The caller must close the encoder. @throws what `resolveModel` and `startEncoder` throw */
export async function startEngine(settings: Config['model'], deps: TextEngineDeps): Promise<Engine> {
  const shadow = settings.shadow_variants.map(variantName)
  for (const name of shadow) await resolveVariant(settings, name, deps)
  const engine = await openTexts(settings, deps)
  const encoder = await startEncoder(
    {
      modelDir: engine.model.dir,
      variant: engine.variant,
      shadow,
      shadowFraction: settings.shadow_fraction,
      provider: settings.execution_provider,
      threads: settings.threads,
      maxBatch: settings.max_batch_size,
    },
    deps.telemetry,
  )
  return { ...engine, encoder }
}
