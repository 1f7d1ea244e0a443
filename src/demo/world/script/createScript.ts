/** Creates the script of a scene: decides by seed which episodes happen and when, so that every event recurs. */

import { createRandom, type Random } from '../../../util/random.ts'
import type { View } from '../views/view.ts'
import type { Actor } from './actor.ts'
import { addEpisode, type Episode } from './addEpisode.ts'
import { createPopulation } from './population.ts'

export interface ScriptOptions {
  readonly seed: number | string
  readonly durationSeconds: number
  raining(seconds: number): boolean
}

/** One round of episodes, about four minutes; shuffled for each round. */
const DECK = words(
  'walker halt empty crowd drive pair halt cyclist walker traffic halt empty',
  'crowd dog halt several drive empty pair halt waiting',
)
/** The first episodes of every scene: a demo should not start with an empty street. */
const OPENING = words('pair halt crowd')

/** Everything that moves in a scene, parked vehicles first. */
export function createScript(view: View, options: ScriptOptions): readonly Actor[] {
  const random = createRandom(`${options.seed}/${view.label}/script`)
  const population = createPopulation(view, random, options.raining)
  let deck = [...OPENING, ...shuffle(DECK, random)]
  let now = random.between(0.5, 2)
  while (now < options.durationSeconds) {
    const [episode, ...rest] = deck.length > 0 ? deck : shuffle(DECK, random)
    now = addEpisode(population, episode as Episode, now)
    deck = rest
  }
  return population.actors
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  const result: T[] = []
  while (left.length > 0) result.push(...left.splice(random.integer(0, left.length - 1), 1))
  return result
}

function words(...lines: string[]): Episode[] {
  return lines.join(' ').split(' ') as Episode[]
}
