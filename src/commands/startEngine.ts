/** Resolves the model, starts its encoder and encodes the event texts, for `run` and `detect`. */

import { join } from 'node:path'
import { type EventPhrases, embedPhrases } from '../clip/embedPhrases.ts'
import { type EncoderHandle, startEncoder } from '../clip/startEncoder.ts'
import type { LoadedConfig } from '../config/loadConfig.ts'
import { type ResolvedModel, resolveModel } from '../models/resolveModel.ts'
import type { ScoringTexts } from '../scoringTypes.ts'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import { rememberLast } from '../util/rememberLast.ts'
import { clipModelBuilder, variantName } from './clipModelBuilder.ts'
import { phrasesOf } from './watchStateOf.ts'

type Config = LoadedConfig['config']

export interface Engine {
  readonly model: ResolvedModel
  readonly encoder: EncoderHandle
  /** Encodes these events with the main variant; cached on disk, the last ones in memory. */
  texts(events: Config['events']): Promise<ScoringTexts>
}

export interface EngineDeps {
  readonly dataDir: string
  readonly telemetry: Telemetry
  /** Describes a step that takes long, in one sentence. */
  readonly onStep: (step: string) => void
  /** Aborting stops the wait for another process that builds the same model. */
  readonly signal?: AbortSignal
}

/** The caller must close the encoder. @throws what `resolveModel` and `startEncoder` throw */
export async function startEngine(settings: Config['model'], deps: EngineDeps): Promise<Engine> {
  const { dataDir, telemetry, onStep, signal } = deps
  const resolve = (name: string) =>
    resolveModel(settings.name, {
      variant: name,
      dataDir,
      onStep,
      modelBuilder: clipModelBuilder,
      ...(signal && { signal }),
    })
  const shadow = settings.shadow_variants.map(variantName)
  const variant = variantName(settings.variant)
  for (const name of shadow) await resolve(name)
  const model = await resolve(variant)
  const encoder = await startEncoder(
    {
      modelDir: model.dir,
      variant,
      shadow,
      shadowFraction: settings.shadow_fraction,
      provider: settings.execution_provider,
      threads: settings.threads,
      maxBatch: settings.max_batch_size,
    },
    telemetry,
  )
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
  return { model, encoder, texts: events => texts(phrasesOf(events)) }
}
