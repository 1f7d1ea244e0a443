/** Keeps what was requested at run time in force over a reload, until a reload changes that camera or event itself. */

import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../../config/load.ts'
import { applyControl, type Control, type Plan } from '../../operators/plan.ts'

type Config = Pick<LoadedConfig['config'], 'cameras' | 'events'>
type Lasting = Extract<Control, { type: 'camera' | 'event' | 'threshold' }>

export interface Asked {
  add(control: Control): void
  /** The plan of a new config with the earlier requests, where both configs are the same for that camera or event. */
  over(plan: Plan, before: Config, after: Config): Plan
}

export function createAsked(): Asked {
  /** By camera or event: the last request counts. */
  const asked = new Map<string, Lasting>()
  return {
    add(control) {
      if (control.type === 'plan' || control.type === 'snapshot') return
      const key = keyOf(control)
      asked.delete(key)
      asked.set(key, control)
    },
    over(plan, before, after) {
      for (const [key, control] of asked) if (isChanged(control, before, after)) asked.delete(key)
      return [...asked.values()].reduce(applyControl, plan)
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
