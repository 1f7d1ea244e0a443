/** Resolves a config's model and encodes phrases with it. Starts no image encoder. */

import { join } from 'node:path'
import { type EventPhrases, embedPhrases } from '../clip/embedPhrases.ts'
import type { LoadedConfig } from '../config/loadConfig.ts'
import { type ResolvedModel, resolveModel } from '../models/resolveModel.ts'
import type { ScoringTexts } from '../scoringTypes.ts'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import { rememberLast } from '../util/rememberLast.ts'
import { clipModelBuilder, variantName } from './clipModelBuilder.ts'
import { phrasesOf } from './watchStateOf.ts'

type Config = LoadedConfig['config']

export interface TextEngine {
  readonly model: ResolvedModel
  /** Name of the deciding variant, such as `slim-50+int8`. */
  readonly variant: string
  /** Encodes these events with the main variant; cached on disk, the last ones in memory. */
  texts(events: Config['events']): Promise<ScoringTexts>
}

export interface TextEngineDeps {
  readonly dataDir: string
  readonly telemetry: Telemetry
  /** Describes a step that takes long, in one sentence. */
  readonly onStep: (step: string) => void
  /** Aborting stops the wait for another process that builds the same model. */
  readonly signal?: AbortSignal
}

/** @throws what `resolveModel` throws */
export async function openTexts(settings: Config['model'], deps: TextEngineDeps): Promise<TextEngine> {
  const { dataDir, telemetry } = deps
  const variant = variantName(settings.variant)
  const model = await resolveVariant(settings, variant, deps)
  const texts = rememberLast((events: EventPhrases[]) =>
    embedPhrases(
      {
        modelDir: model.dir,
        variant,
        events,
        cacheDir: join(dataDir, 'texts'),
        ...(settings.templates && { templates: settings.templates }),
        ...(settings.background && { background: settings.background }),
      },
      telemetry,
    ),
  )
  return { model, variant, texts: events => texts(phrasesOf(events)) }
}

/** Makes the variant on first use, if the model is in the data directory. @throws what `resolveModel` throws */
export function resolveVariant(
  { name }: Config['model'],
  variant: string,
  { dataDir, onStep, signal }: TextEngineDeps,
): Promise<ResolvedModel> {
  return resolveModel(name, { variant, dataDir, onStep, modelBuilder: clipModelBuilder, ...(signal && { signal }) })
}
