/** Holds the config and the watch state in force; reloads and requests change them, and the pipeline gets the commands. */

import { type Observable, Subject } from 'rxjs'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { applyCommand, type Command, type WatchState } from '../../operators/watchState.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { watchedOf, watchStateOf } from '../watchStateOf.ts'
import { createRuntimeOverrides } from './runtimeOverrides.ts'
import { switchEvent } from './switchEvent.ts'

type Config = LoadedConfig['config']

export interface ConfigStore {
  /** The config in force. A reload replaces its cameras and events; other sections apply at the next start. */
  config(): Config
  /** The watched cameras and events: those of the config, changed by requests. */
  watchState(): WatchState
  /** Camera name → the events that the config detects on it. */
  watched(): Readonly<Record<string, readonly string[]>>
  /** Emits each command after it is in force here. */
  readonly commands$: Observable<Command>
  /** Puts a reloaded config in force. Requests stay in force for cameras and events that it does not change. */
  replace(next: Config, watchState: WatchState): void
  /** Carries out a request. */
  request(command: Command): void
}

export function createConfigStore(first: Config, texts: ScoringTexts): ConfigStore {
  const overrides = createRuntimeOverrides()
  const commands$ = new Subject<Command>()
  let config = first
  let watchState = watchStateOf(first, texts)
  const watched = () => watchedOf(config)
  return {
    config: () => config,
    watchState: () => watchState,
    watched,
    commands$: commands$.asObservable(),
    replace(next, planned) {
      watchState = overrides.applyTo(planned, config, next)
      config = { ...config, cameras: next.cameras, events: next.events }
      commands$.next({ type: 'replace', state: watchState })
    },
    request(wanted) {
      const commands = wanted.type === 'event' ? switchEvent(wanted, watchState, watched()) : [wanted]
      for (const command of commands) {
        overrides.add(command)
        watchState = applyCommand(watchState, command)
        commands$.next(command)
      }
    },
  }
}
