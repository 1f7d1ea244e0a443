/** The banks of a run: learned in memory, fitted between frames, kept in the data directory. */

import type { AnswerBook } from '../../answers/answerBook.ts'
import { bankFolder } from '../../bank/bankFolder.ts'
import { startBankKeeper } from '../../bank/bankKeeper.ts'
import { createFitQueue } from '../../bank/fitQueue.ts'
import { createQuietBanks } from '../../bank/quietBanks.ts'
import type { QuietMemory } from '../../operators/score.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { createSinkHealth } from '../../sinks/sink.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'

export interface BankParts {
  readonly dataDir: string
  readonly encoder: { readonly modelSha: string; readonly variant: string; readonly dim: number }
  /** The text vectors in force. */
  readonly texts: () => ScoringTexts
  /** The answers in force. */
  readonly examples: AnswerBook
  readonly telemetry: Telemetry
}

export interface Banks {
  readonly memory: QuietMemory
  /** Reads the banks of new cameras, and lets go of those of removed ones. Takes two seconds at most; never rejects. */
  watch(cameras: readonly string[]): Promise<void>
  close(): Promise<void>
}

export function openBanks({ dataDir, encoder, texts, examples, telemetry }: BankParts): Banks {
  const { modelSha: sha256, variant, dim } = encoder
  const queue = createFitQueue({ schedule: afterDelay, now: () => performance.now() })
  const memory = createQuietBanks({ dim, texts, examples, queue, telemetry })
  const keeper = startBankKeeper({
    folder: bankFolder(dataDir),
    model: { sha256, variant, dim },
    banks: memory,
    health: createSinkHealth('banks', telemetry),
    telemetry,
  })
  return {
    memory,
    watch: keeper.watch,
    close: () => {
      queue.close()
      return keeper.close()
    },
  }
}

function afterDelay(task: () => void, delayMs: number): () => void {
  const timer = setTimeout(task, delayMs).unref()
  return () => clearTimeout(timer)
}
