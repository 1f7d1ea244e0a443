/** The cameras that a command looks at, each with the part of its history that lies in the asked range. */

import type { CameraHistory } from '../../history/history.ts'
import { didYouMean } from '../../util/didYouMean.ts'
import { WatchwordError } from '../../util/errors.ts'
import { localTime } from './localTime.ts'
import type { TimeRange } from './pastTime.ts'

export interface ChosenHistories {
  /** At least one. */
  readonly cameras: readonly (TimeRange & { readonly camera: string })[]
  /** What a reader must know about the range, in sentences. */
  readonly notes: readonly string[]
}

/**
 * @param names null: every camera with history
 * @throws WatchwordError `invalid-option` for a camera without history, `history-missing` when nothing lies in the range
 */
export function chosenHistories(
  histories: readonly CameraHistory[],
  names: readonly string[] | null,
  range: TimeRange,
): ChosenHistories {
  const known = histories.map(({ camera }) => camera)
  for (const name of names ?? [])
    if (!known.includes(name))
      throw new WatchwordError(`There is no history of a camera \`${name}\`; ${didYouMean(name, known, 'cameras')}`, {
        code: 'invalid-option',
      })
  const asked = histories.filter(({ camera }) => names === null || names.includes(camera))
  const [inside, outside] = [asked.filter(each => overlaps(each, range)), asked.filter(each => !overlaps(each, range))]
  if (inside.length === 0)
    throw new WatchwordError(`Nothing is stored between ${spanOf(range)}: ${asked.map(lifeOf).join('; ')}`, {
      code: 'history-missing',
      hint: 'Choose --since and --until so that they overlap the history',
    })
  return {
    cameras: inside.map(({ camera, from, to }) => ({
      camera,
      from: Math.max(from, range.from),
      to: Math.min(to + 1, range.to),
    })),
    notes: [
      ...inside
        .filter(({ from }) => from > range.from)
        .map(({ camera, from }) => `The history of ${camera} begins at ${localTime(from)}`),
      ...outside.map(history => `Nothing of ${history.camera} lies in that time: ${lifeOf(history)}`),
    ],
  }
}

function overlaps(history: CameraHistory, { from, to }: TimeRange): boolean {
  return history.from < to && history.to >= from
}

function lifeOf({ camera, from, to }: CameraHistory): string {
  return `the history of ${camera} is from ${localTime(from)} to ${localTime(to)}`
}

function spanOf({ from, to }: TimeRange): string {
  return `${localTime(from)} and ${localTime(to)}`
}
