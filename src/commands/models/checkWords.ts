/** The prompt library under a model, with phrases in the place of images: the text tower alone decides. */

import { join } from 'node:path'
import { DEFAULT_BACKGROUND } from '../../clip/defaultPhrases.ts'
import { type EventPhrases, embedPhrases } from '../../clip/embedPhrases.ts'
import { readLibrary } from '../../config/promptLibrary.ts'
import { resolveEvents } from '../../config/resolveEvents.ts'
import { eventScores } from '../../scoring/eventScores.ts'
import { phrasesOf } from '../watchStateOf.ts'

export interface WordsCheck {
  readonly event: string
  /** Score at which the event starts. */
  readonly threshold: number
  /** Phrases of the event that do not start it. */
  readonly missed: readonly string[]
  /** Contrast phrases that start it. */
  readonly falseStarts: readonly string[]
}

/** Each event of the library must start with its own phrases, and not with its contrast phrases. */
export async function checkWords(modelDir: string, cacheDir = join(modelDir, 'texts')): Promise<WordsCheck[]> {
  const library = readLibrary()
  const configs = resolveEvents(Object.keys(library), library)
  const events = phrasesOf(configs)
  const options = { modelDir, variant: 'fp32', cacheDir }
  const silent = { emit: () => {} }
  const texts = await embedPhrases({ ...options, events }, silent)
  const phrases = [...new Set([...events.flatMap(shown), ...events.flatMap(notShown)])]
  const alone = phrases.map(phrase => ({ event: phrase, prompts: [phrase], negativePrompts: [], levels: null }))
  const embedded = await embedPhrases({ ...options, events: alone, background: ['x'] }, silent)
  const vectors = new Map(embedded.events.map(({ event, positive }) => [event, positive]))
  return events.map(phrasesOfEvent => {
    const { event } = phrasesOfEvent
    const threshold = configs[event]?.threshold ?? Number.NaN
    const watched = texts.events.filter(each => each.event === event)
    const starts = (phrase: string) =>
      (eventScores(vectors.get(phrase) as Float32Array, texts, watched)[event] as number) >= threshold
    return {
      event,
      threshold,
      missed: shown(phrasesOfEvent).filter(phrase => !starts(phrase)),
      falseStarts: notShown(phrasesOfEvent).filter(starts),
    }
  })
}

/** The last level is the most. */
function shown({ prompts, levels }: EventPhrases): readonly string[] {
  return levels === null ? prompts : levels.slice(-1)
}

function notShown({ negativePrompts, levels }: EventPhrases): readonly string[] {
  return levels === null ? [...negativePrompts, ...DEFAULT_BACKGROUND] : levels.slice(0, 1)
}
