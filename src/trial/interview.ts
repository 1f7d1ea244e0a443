/** Asks one question after the other; each answer changes which moment is asked about next. */

import { nextQuestion, type QuestionOptions } from './nextQuestion.ts'
import type { Candidate, Verdicts } from './trialTypes.ts'

/** `skip`: a person cannot tell. `stop`: no more questions. */
export type Reply = boolean | 'skip' | 'stop'

export interface InterviewOptions extends Pick<QuestionOptions, 'past' | 'candidates' | 'budget'> {
  /** What is known before. */
  readonly verdicts: Verdicts
  /** Most questions. */
  readonly questions: number
  readonly ask: (moment: Candidate, number: number) => Promise<Reply>
}

export interface Interview {
  /** Those known before are among them. */
  readonly verdicts: Verdicts
  readonly asked: readonly Candidate[]
}

export async function interview({ questions, ask, ...options }: InterviewOptions): Promise<Interview> {
  const verdicts = new Map(options.verdicts)
  const asked: Candidate[] = []
  while (asked.length < questions) {
    const moment = nextQuestion({ ...options, verdicts, asked: new Set(asked.map(({ id }) => id)) })
    if (moment === null) break
    const reply = await ask(moment, asked.length + 1)
    if (reply === 'stop') break
    asked.push(moment)
    if (reply !== 'skip') verdicts.set(moment.id, reply)
  }
  return { verdicts, asked }
}
