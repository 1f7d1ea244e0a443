/** Advice about the phrases of an event that is asked for, beside the events of the config. */

import type { LoadedConfig } from '../../config/loadConfig.ts'
import type { ResolvedModel } from '../../models/resolveModel.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { adviceFor } from '../validate/adviceFor.ts'
import { adviceText } from '../validate/adviceText.ts'
import type { AskedEvent } from './askedEvent.ts'

interface AdviceParts {
  readonly config: LoadedConfig['config']
  readonly model: Pick<ResolvedModel, 'card'>
  readonly texts: (events: LoadedConfig['config']['events']) => Promise<ScoringTexts>
}

/** @returns one sentence or two per finding */
export async function adviceOf(
  { name, settings }: AskedEvent,
  { config, model, texts }: AdviceParts,
): Promise<readonly string[]> {
  const events = { ...config.events, [name]: settings }
  const findings = adviceFor(events, await texts(events), model)
  return findings.filter(({ event }) => event === name).map(adviceText)
}
