/** Which event, cameras and time a trial is about, and what they show. */

import { candidatesOf } from '../../trial/candidatesOf.ts'
import type { Candidate, TrialPast } from '../../trial/trialTypes.ts'
import { WatchwordError } from '../../util/errors.ts'
import type { AskedEvent } from '../past/askedEvent.ts'
import { chosenHistories } from '../past/chosenHistories.ts'
import type { Past } from '../past/openPast.ts'
import type { TimeRange } from '../past/pastTime.ts'
import { watchedConfig } from '../past/watchedConfig.ts'
import { watchStateOf } from '../watchStateOf.ts'
import { type CameraRange, climbPast } from './climbPast.ts'

export interface TrialOptions {
  readonly asked: AskedEvent
  /** null: every camera with history that watches the event. */
  readonly cameras: readonly string[] | null
  /** The event counts only in this zone; null: where its settings say. */
  readonly zone: string | null
  readonly range: TimeRange
  /** Position in the past of all cameras, [0, 1]. */
  readonly onProgress: (fraction: number) => void
}

export interface PreparedTrial {
  readonly cameras: readonly CameraRange[]
  /** Cameras of the config that would watch the event, with history or without. */
  readonly watching: readonly string[]
  /** About the cameras and their history, in sentences. */
  readonly notes: readonly string[]
  /** Reads the past again: answers that were kept meanwhile count. */
  climb(): Promise<Climbed>
}

export interface Climbed {
  readonly past: TrialPast
  readonly candidates: readonly Candidate[]
}

/** @throws WatchwordError `invalid-option`, `history-missing` */
export async function prepareTrial(past: Past, options: TrialOptions): Promise<PreparedTrial> {
  const { asked, range, onProgress } = options
  const chosen = chosenHistories(past.histories, options.cameras, range)
  const config = watchedConfig(past.config, options)
  const why = (camera: string) =>
    Object.hasOwn(config.leftOut, camera) ? config.leftOut[camera] : 'the config has no camera of this name'
  const cameras = chosen.cameras.filter(({ camera }) => why(camera) === null)
  const leftOut = chosen.cameras.flatMap(({ camera }) =>
    why(camera) === null ? [] : [`${camera} was left out: ${why(camera)}`],
  )
  if (cameras.length === 0)
    throw new WatchwordError(`No camera with history can show ${asked.name}: ${leftOut.join('; ')}`, {
      code: 'invalid-option',
      hint: 'Name a camera with --camera, or another --zone',
    })
  const texts = await past.texts(config.events)
  const watchState = watchStateOf(config, texts)
  const isNamed = (camera: string) => options.cameras === null || options.cameras.includes(camera)
  return {
    cameras,
    watching: Object.keys(past.config.cameras).filter(camera => why(camera) === null && isNamed(camera)),
    notes: [...chosen.notes, ...leftOut],
    async climb() {
      const found = await climbPast(past, { watchState, texts, cameras, onProgress })
      const climbed = found.get(asked.name) ?? { levels: [], watched: [] }
      return { past: climbed, candidates: candidatesOf(climbed) }
    },
  }
}
