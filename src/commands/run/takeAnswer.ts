/** Answers to events that come over MQTT. */

import { join } from 'node:path'
import type { Answers } from '../../answers/openAnswers.ts'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { openHistoryReader } from '../../history/openHistoryReader.ts'
import { answerEvent } from '../answer/answerEvent.ts'
import type { Answer as Response } from './createRequests.ts'

export interface TakeAnswerDeps {
  readonly answers: Answers
  readonly dataDir: string
  readonly encoder: { readonly modelSha: string; readonly variant: string; readonly dim: number }
  /** In force now. */
  readonly config: () => LoadedConfig['config']
}

/** It rejects with one sentence. */
export function takeAnswer(deps: TakeAnswerDeps): (id: string, right: boolean) => Promise<Response> {
  const { answers, dataDir, encoder, config } = deps
  const { modelSha: sha256, variant, dim } = encoder
  const model = { sha256, variant, dim }
  return async (id, right) => {
    const { journal, events } = config()
    const journalPath = journal.path ?? join(dataDir, 'events.jsonl')
    const reader = openHistoryReader({ dataDir, model })
    try {
      const { camera, event, image } = await answerEvent(id, right, {
        answers,
        journalPath,
        reader,
        model,
        events,
        now: Date.now(),
      })
      return { id, right, camera, event, has_image: image !== null }
    } finally {
      await reader.close()
    }
  }
}
