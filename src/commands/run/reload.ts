/** Reloads the config: the whole file is checked first; a wrong one is rejected and changes nothing. */

import { stat } from 'node:fs/promises'
import { diffConfig } from '../../config/diffConfig.ts'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import type { WatchState } from '../../operators/watchState.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import { watchStateOf } from '../watchStateOf.ts'
import { type FileChanges, type FileLook, lookAgain, watchedFile } from './fileChanges.ts'

type Config = LoadedConfig['config']

export interface ReloadDeps {
  /** Reads the file again. @throws WatchwordError with every mistake */
  readonly load: () => LoadedConfig
  readonly texts: (events: Config['events']) => Promise<ScoringTexts>
  /** Puts the new config in force. */
  readonly apply: (loaded: LoadedConfig, watchState: WatchState) => void
  readonly telemetry: Telemetry
}

/** New phrases are encoded within seconds; a disk that hangs may never answer, and the next reload must not wait for it, ms. */
const TEXTS_TIMEOUT_MS = 30_000

/** The file is polled this often: editors replace files, and network disks report no changes. */
const POLL_MS = 1000

export interface Reload {
  /**
   * Resolves to the changed parts. Rejects, and changes nothing, when the file is wrong, or when its phrases are not
   * encoded in time: then it reloads by itself as soon as they are. One at a time.
   */
  now(): Promise<readonly string[]>
  /** Reloads when the file has changed and is complete. Returns a function that stops this. */
  follow(path: string): () => void
}

export function createReload(first: LoadedConfig, { load, texts, apply, telemetry }: ReloadDeps): Reload {
  let current = first
  let turn: Promise<unknown> = Promise.resolve()

  const reload = async (): Promise<readonly string[]> => {
    try {
      const next = load()
      const diff = diffConfig(current.config, next.config)
      const changed = [
        ...diff.restarted.map(name => `cameras.${name}`),
        ...diff.removed.map(name => `cameras.${name} (removed)`),
        ...diff.renamed.filter(name => !diff.restarted.includes(name)).map(name => `cameras.${name} (name)`),
        ...(diff.events ? ['events'] : []),
        ...diff.needsRestart.map(section => `${section} (at the next start)`),
      ]
      if (changed.length > 0) {
        apply(next, watchStateOf(next.config, await textsInTime(next.config.events)))
        current = next
      }
      telemetry.emit({ type: 'ConfigReloaded', changed })
      return changed
    } catch (error) {
      telemetry.emit({ type: 'ConfigRejected', errors: messageOf(error).split('\n') })
      throw error
    }
  }
  const textsInTime = async (events: Config['events']): Promise<ScoringTexts> => {
    const encoding = texts(events)
    const result = await orNullAfter(TEXTS_TIMEOUT_MS, encoding)
    if (result !== null) return result
    const again = () => void now().catch(() => undefined)
    encoding.then(again, again)
    throw new WatchwordError(
      `The phrases of the new config are not encoded after ${TEXTS_TIMEOUT_MS / 1000} s: does the disk of the data directory answer? The new config is applied as soon as they are`,
      { code: 'phrases-late' },
    )
  }
  const now = () => {
    const result = turn.then(reload)
    turn = result.catch(() => undefined)
    return result
  }
  return {
    now,
    follow(path) {
      let state: FileChanges | null = null
      let timer: NodeJS.Timeout | undefined
      let isOver = false
      // One look after the other: on a network disk that hangs, a look takes as long as the disk does.
      const look = async () => {
        const seen = await lookAt(path)
        if (isOver) return
        const [next, isComplete] = lookAgain(state ?? watchedFile(seen, 0), seen, performance.now())
        state = next
        // The reason is in the telemetry; the old config stays in force.
        if (isComplete) now().catch(() => undefined)
        timer = setTimeout(look, POLL_MS)
      }
      void look()
      return () => {
        isOver = true
        clearTimeout(timer)
      }
    },
  }
}

/** The promise's result, or null when it takes longer. */
async function orNullAfter<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(resolve => {
    timer = setTimeout(resolve, ms, null)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** null also where it may not be looked at: reading it will say why. */
function lookAt(path: string): Promise<FileLook> {
  return stat(path).catch(() => null)
}
