/** Keeps what was requested at run time in force over a reload, until a reload changes that camera or event itself. */

import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { applyCommand, type Command, type WatchState } from '../../operators/watchState.ts'

type Config = Pick<LoadedConfig['config'], 'cameras' | 'events'>
type Lasting = Extract<Command, { type: 'camera' | 'event' | 'threshold' }>

export interface RuntimeOverrides {
  add(control: Command): void
  /** The plan of a new config with the earlier requests, where both configs are the same for that camera or event. */
  applyTo(plan: WatchState, before: Config, after: Config): WatchState
}

export function createRuntimeOverrides(): RuntimeOverrides {
  /** By camera or event: the last request counts. */
  const overrides = new Map<string, Lasting>()
  return {
    add(control) {
      if (control.type === 'plan' || control.type === 'snapshot') return
      const key = keyOf(control)
      overrides.delete(key)
      overrides.set(key, control)
    },
    applyTo(plan, before, after) {
      for (const [key, control] of overrides) if (isChanged(control, before, after)) overrides.delete(key)
      return [...overrides.values()].reduce(applyCommand, plan)
    },
  }
}

function keyOf(control: Lasting): string {
  const camera = 'camera' in control ? control.camera : null
  return JSON.stringify([control.type, camera, 'event' in control ? control.event : null])
}

function isChanged(control: Lasting, before: Config, after: Config): boolean {
  const camera = 'camera' in control ? control.camera : null
  const event = 'event' in control ? control.event : null
  return (
    (camera !== null && !isDeepStrictEqual(before.cameras[camera], after.cameras[camera])) ||
    (event !== null && !isDeepStrictEqual(before.events[event], after.events[event]))
  )
}
