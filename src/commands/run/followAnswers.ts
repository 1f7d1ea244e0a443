/** The answers of a run: read at the start and again whenever a command appended to their file. */

import { type AnswerBook, answerBook, EMPTY_BOOK } from '../../answers/answerBook.ts'
import { answerOdds } from '../../answers/answerOdds.ts'
import { type Answers, openAnswers } from '../../answers/openAnswers.ts'
import type { EventOdds } from '../../operators/decide.ts'
import { createDiskDeadline, createSinkHealth } from '../../sinks/sink.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'

export interface FollowOptions {
  readonly dataDir: string
  readonly model: { readonly sha256: string; readonly variant: string; readonly dim: number }
  readonly telemetry: Telemetry
}

export interface FollowedAnswers {
  readonly answers: Answers
  /** Examples in force; another array for a place whose answers may have changed. */
  readonly examples: AnswerBook
  /** The probability that an event is right; null without answers about it. */
  readonly odds: EventOdds
  close(): void
}

/** How soon a new answer counts. */
const LOOK_MS = 3000

/** Resolves when the answers were read, in two seconds at most. Never rejects: without them nothing is corrected. */
export async function followAnswers({ dataDir, model, telemetry }: FollowOptions): Promise<FollowedAnswers> {
  const answers = openAnswers(dataDir)
  const health = createSinkHealth('answers', telemetry)
  const deadline = createDiskDeadline(health)
  let book: AnswerBook = EMPTY_BOOK
  let odds: EventOdds = () => null
  let seen: string | null = null
  let isLooking = false

  const look = async () => {
    // A disk that hangs: nothing is queued behind it.
    if (isLooking) return
    isLooking = true
    try {
      const revision = await answers.revision()
      if (revision === seen) return
      const stored = (await answers.read()).answers
      book = answerBook(stored, model)
      odds = answerOdds(stored)
      seen = revision
      health.worked()
    } catch (error) {
      health.failed(error)
    } finally {
      isLooking = false
    }
  }
  await deadline.wait(look())
  const timer = setInterval(() => void look(), LOOK_MS).unref()
  return {
    answers,
    examples: place => book(place),
    odds: (...asked) => odds(...asked),
    close: () => clearInterval(timer),
  }
}
