/** Opens the stored past for a command: the config, its model's texts and the history that this model made. */

import type { BankModel } from '../../bank/storedBank.ts'
import { type LoadedConfig, loadConfig } from '../../config/loadConfig.ts'
import { readLibrary } from '../../config/promptLibrary.ts'
import type { CameraHistory, HistoryReader } from '../../history/history.ts'
import type { QuietMemory } from '../../operators/score.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { createTelemetry } from '../../telemetry/createTelemetry.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { dataDirectory } from '../../util/dataDirectory.ts'
import { WatchwordError } from '../../util/errors.ts'
import { createRedactor } from '../../util/redactor.ts'
import { configPath } from '../configPath.ts'
import { openTexts, type TextEngine } from '../openTexts.ts'
import { adviceOf } from './adviceOf.ts'
import type { AskedEvent } from './askedEvent.ts'
import { pastMemory } from './pastMemory.ts'

type Config = LoadedConfig['config']

export interface PastOptions {
  /** Path of the config. Default: as for `run`. */
  readonly config?: string
  /** Default: `data_dir` of the config, else as for `run`. */
  readonly dataDir?: string
}

/** Whose embeddings are stored: those of another model or variant cannot be compared. */
export interface PastModel extends BankModel {
  readonly name: string
}

export interface PastDeps {
  readonly openReader: (place: { readonly dataDir: string; readonly model: BankModel }) => HistoryReader
  /** All models with history in a data directory: the first digits of the sha256 and the variant. */
  readonly storedModels: (dataDir: string) => readonly string[]
  /** Called with a sentence for people. */
  readonly onStep: (sentence: string) => void
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: the model of the config. */
  readonly openTexts?: (settings: Config['model'], deps: PastTextDeps) => Promise<Pick<TextEngine, 'model' | 'texts'>>
}

interface PastTextDeps {
  readonly dataDir: string
  readonly telemetry: Telemetry
  readonly onStep: (sentence: string) => void
}

export interface Past {
  readonly config: Config
  /** Of the config. */
  readonly path: string
  readonly dataDir: string
  readonly model: PastModel
  readonly reader: HistoryReader
  /** Cameras with history under this model when it was opened, at least one. */
  readonly histories: readonly CameraHistory[]
  /** Encodes the phrases of events; cached on disk. */
  texts(events: Config['events']): Promise<ScoringTexts>
  /** What could be better about the phrases of an event. */
  adviceOn(asked: AskedEvent): Promise<readonly string[]>
  /** What the camera's own images taught about these events. */
  memoryOf(camera: string, texts: ScoringTexts): Promise<QuietMemory>
  close(): Promise<void>
}

/**
 * Works beside a running Watchword and without one. No image encoder is started.
 * @throws WatchwordError `history-missing`, and those of the config and its model
 */
export async function openPast(options: PastOptions, deps: PastDeps): Promise<Past> {
  const { onStep, env = process.env } = deps
  const path = configPath(options.config)
  const { config, secrets } = loadConfig(path, { library: readLibrary(), env })
  const dataDir = dataDirectory(options.dataDir ?? config.data_dir)
  // Before the model is made, which takes long the first time.
  if (deps.storedModels(dataDir).length === 0) throw nothingStored(dataDir)
  const redact = createRedactor(secrets)
  const telemetry = createTelemetry({ level: 'warn', format: 'pretty', redact, write: line => onStep(line.trimEnd()) })
  try {
    const engine = await (deps.openTexts ?? openTexts)(config.model, { dataDir, telemetry, onStep })
    const { name, card, variant } = engine.model
    const model = { name, sha256: variant.sha256, variant: variant.variant, dim: card.embedDim }
    const reader = deps.openReader({ dataDir, model })
    try {
      const histories = await reader.cameras()
      if (histories.length === 0) throw ofAnotherModel({ dataDir, model }, deps)
      const zonesOf = (camera: string) => Object.keys(config.cameras[camera]?.zones ?? {})
      return {
        config,
        path,
        dataDir,
        model,
        reader,
        histories,
        texts: engine.texts,
        adviceOn: asked => adviceOf(asked, { config, ...engine }),
        memoryOf: pastMemory({
          dataDir,
          model,
          onStep,
          reader,
          histories,
          zonesOf,
        }),
        close: async () => {
          await reader.close()
          telemetry.close()
        },
      }
    } catch (error) {
      await reader.close()
      throw error
    }
  } catch (error) {
    telemetry.close()
    throw error
  }
}

function nothingStored(dataDir: string): WatchwordError {
  return new WatchwordError(`No history yet in ${dataDir}: \`watchword run\` stores it while it watches`, {
    code: 'history-missing',
    hint: 'Let it run for some minutes with `history.enabled: true`; another folder is named by `data_dir` or --config',
  })
}

function ofAnotherModel(
  { dataDir, model }: { readonly dataDir: string; readonly model: PastModel },
  { storedModels }: PastDeps,
): WatchwordError {
  const { name, variant, sha256 } = model
  const others = storedModels(dataDir).join(', ')
  return new WatchwordError(
    `No history of ${name} ${variant} (${sha256.slice(0, 12)}.${variant}) in ${dataDir}, but of ${others}`,
    {
      code: 'history-missing',
      hint: 'Use the config that the history was made with (`model.name`, `model.variant`), or let this model run for a while',
    },
  )
}
