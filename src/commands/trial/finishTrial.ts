/** Keeps the answers, chooses the threshold, and writes it into the config. */

import { stringify } from 'yaml'
import type { Answers } from '../../answers/openAnswers.ts'
import type { EventEdit } from '../../config/editEvents.ts'
import { readLibrary } from '../../config/promptLibrary.ts'
import { writeEvent } from '../../config/writeEvent.ts'
import { type Choice, chooseThreshold } from '../../trial/chooseThreshold.ts'
import { matchVerdicts } from '../../trial/matchVerdicts.ts'
import type { Verdicts } from '../../trial/trialTypes.ts'
import type { AskedEvent } from '../past/askedEvent.ts'
import type { Past } from '../past/openPast.ts'
import { keepAnswers } from './keepAnswers.ts'
import type { Climbed, PreparedTrial } from './prepareTrial.ts'
import { type SaveOptions, savedEvent } from './savedEvent.ts'
import type { TrialResult } from './trialResult.ts'

export interface FinishOptions {
  readonly past: Past
  readonly trial: PreparedTrial
  readonly climbed: Climbed
  readonly verdicts: Verdicts
  /** Those of them that were kept before. */
  readonly stored: Verdicts
  readonly answers: Answers
  /** null: nothing is written into the config. `text`: what it says. */
  readonly save: (Omit<SaveOptions, 'cameras'> & { readonly text: string }) | null
  readonly budget: number
  /** ms since the epoch. */
  readonly now: number
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Finished = Pick<TrialResult, 'past' | 'moments' | 'choice' | 'saved' | 'unsaved'> & {
  /** Why it could not be saved. */
  readonly failure: unknown
}

export async function finishTrial(asked: AskedEvent, options: FinishOptions): Promise<Finished> {
  const { climbed, verdicts } = await keepAndClimb(asked, options)
  const { past, candidates } = climbed
  const present = asked.settings.threshold
  const choice: Choice | null =
    candidates.length === 0 ? null : chooseThreshold({ past, candidates, verdicts, budget: options.budget, present })
  const found = { past, moments: candidates.length, choice }
  if (options.save === null) return { ...found, saved: null, unsaved: null, failure: null }
  const threshold = choice?.threshold ?? present
  const edit = savedEvent({ ...options.save, cameras: options.trial.watching }, threshold)
  const { path, dataDir } = options.past
  try {
    const place = { path, text: options.save.text, lockFolder: dataDir, library: readLibrary(), env: options.env }
    await writeEvent([edit], place)
    return { ...found, saved: { path, event: edit.event, threshold }, unsaved: null, failure: null }
  } catch (failure) {
    return { ...found, saved: null, unsaved: linesOf(edit), failure }
  }
}

/** Answers change the scores of the event that they are kept for: the threshold is chosen among those. */
async function keepAndClimb(asked: AskedEvent, options: FinishOptions) {
  const { past, trial, climbed, verdicts, stored, answers, save, now } = options
  const fresh = new Map([...verdicts].filter(([id, isTrue]) => stored.get(id) !== isTrue))
  if ((!asked.isConfigured && save === null) || fresh.size === 0) return { climbed, verdicts }
  const kept = { candidates: climbed.candidates, verdicts: fresh }
  await keepAnswers(answers, kept, { event: asked.name, settings: asked.settings, model: past.model, now })
  const given = climbed.candidates.flatMap(({ id, camera, topTime }) => {
    const isTrue = verdicts.get(id)
    return isTrue === undefined ? [] : [{ camera, at: topTime, isTrue }]
  })
  const again = await trial.climb()
  return { climbed: again, verdicts: matchVerdicts(again.candidates, given).verdicts }
}

function linesOf(edit: EventEdit): string {
  const settings = edit.kind === 'add' ? edit.settings : { threshold: edit.threshold }
  return stringify({ events: { [edit.event]: settings } }, { lineWidth: 0 }).trimEnd()
}
