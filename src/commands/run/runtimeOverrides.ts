/** Requests of run time, kept in force over a reload until a reload changes that camera or event itself. */

import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { applyCommand, type Command, type WatchState } from '../../operators/watchState.ts'

type Config = Pick<LoadedConfig['config'], 'cameras' | 'events'>
type Lasting = Extract<Command, { type: 'camera' | 'event' | 'threshold' }>

export interface RuntimeOverrides {
  add(command: Command): void
  /** Applies the earlier requests to the state of a new config, where both configs agree on that camera or event. */
  applyTo(state: WatchState, before: Config, after: Config): WatchState
}

export function createRuntimeOverrides(): RuntimeOverrides {
  /** By camera or event: the last request counts. */
  const overrides = new Map<string, Lasting>()
  return {
    add(command) {
      if (command.type === 'replace' || command.type === 'snapshot') return
      const key = keyOf(command)
      overrides.delete(key)
      overrides.set(key, command)
    },
    applyTo(state, before, after) {
      for (const [key, command] of overrides) if (isChanged(command, before, after)) overrides.delete(key)
      return [...overrides.values()].reduce(applyCommand, state)
    },
  }
}

function keyOf(command: Lasting): string {
  const camera = 'camera' in command ? command.camera : null
  return JSON.stringify([command.type, camera, 'event' in command ? command.event : null])
}

function isChanged(command: Lasting, before: Config, after: Config): boolean {
  const camera = 'camera' in command ? command.camera : null
  const event = 'event' in command ? command.event : null
  return (
    (camera !== null && !isDeepStrictEqual(before.cameras[camera], after.cameras[camera])) ||
    (event !== null && !isDeepStrictEqual(before.events[event], after.events[event]))
  )
}
