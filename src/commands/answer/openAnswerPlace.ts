/** What an answer needs of a config: its journal, its events, and the history where there is one. */

import { join } from 'node:path'
import type { BankModel } from '../../bank/storedBank.ts'
import { loadConfig } from '../../config/loadConfig.ts'
import { readLibrary } from '../../config/promptLibrary.ts'
import { dataDirectory } from '../../util/dataDirectory.ts'
import { WatchwordError } from '../../util/errors.ts'
import { configPath } from '../configPath.ts'
import type { Past, PastOptions } from '../past/openPast.ts'
import { storedPast } from '../past/storedPast.ts'
import type { AnswerSources } from './answerEvent.ts'

export interface AnswerPlace extends Pick<AnswerSources, 'journalPath' | 'reader' | 'events'> {
  readonly dataDir: string
  /** Names in the config. */
  readonly cameras: readonly string[]
  /** null: there is no history. */
  readonly model: BankModel | null
  close(): Promise<void>
}

/** @throws WatchwordError, those of the config and its model */
export async function openAnswerPlace({ config: file, dataDir: given }: PastOptions): Promise<AnswerPlace> {
  const path = configPath(file)
  const { config } = loadConfig(path, { library: readLibrary(), env: process.env })
  const dataDir = dataDirectory(given ?? config.data_dir)
  const past = await pastIfThere({ config: path, dataDir })
  return {
    dataDir,
    journalPath: config.journal.path ?? join(dataDir, 'events.jsonl'),
    cameras: Object.keys(config.cameras),
    events: config.events,
    reader: past?.reader ?? null,
    model: past?.model ?? null,
    close: async () => past?.close(),
  }
}

async function pastIfThere(options: PastOptions): Promise<Past | null> {
  try {
    return await storedPast(options)
  } catch (error) {
    if (error instanceof WatchwordError && error.code === 'history-missing') return null
    throw error
  }
}
