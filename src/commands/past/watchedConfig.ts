/** A config that watches one asked event, on the cameras where it counts. */

import { eventsOf } from '../../config/areasOf.ts'
import type { CameraConfig } from '../../config/cameraSchema.ts'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { byName } from '../../util/byName.ts'
import type { AskedEvent } from './askedEvent.ts'

type Config = Pick<LoadedConfig['config'], 'cameras' | 'events' | 'model'>

export interface WatchedOptions {
  readonly asked: AskedEvent
  /** Cameras that were named: they watch the event whatever the config says. null: none was. */
  readonly cameras: readonly string[] | null
  /** The zone that was named; null: none. */
  readonly zone: string | null
}

export interface WatchedConfig extends Pick<Config, 'cameras' | 'events'> {
  /** Camera → why it does not watch the event; null: it does, or is not in the config. */
  readonly leftOut: Readonly<Record<string, string | null>>
}

export function watchedConfig(config: Config, { asked, cameras: named, zone }: WatchedOptions): WatchedConfig {
  const { name, settings, isConfigured } = asked
  // All events are scored against each other in this mode.
  const others = config.model.scoring === 'softmax' ? config.events : byName<never>([])
  const events = byName([...Object.entries(others), [name, settings] as const])
  const reason = (camera: string, { zones, events: own, event_zones: tied }: CameraConfig): string | null => {
    if (zone !== null) return Object.hasOwn(zones, zone) ? null : `it has no zone \`${zone}\``
    if (named?.includes(camera) || !isConfigured) return null
    const watched = eventsOf({ zones, events: own, event_zones: tied }, config.events).includes(name)
    return watched ? null : `the config does not watch ${name} there`
  }
  const reasons = Object.entries(config.cameras).map(([camera, each]) => [camera, reason(camera, each)] as const)
  const leftOut = byName(reasons)
  const cameras = Object.entries(config.cameras).map(([camera, each]) => {
    const watched = leftOut[camera] === null ? [name] : []
    const event_zones = zone === null ? each.event_zones : byName<string[]>([])
    const beside = config.model.scoring === 'softmax' ? eventsOf(each, config.events) : []
    const settings = { ...each, enabled: true, events: [...new Set([...beside, ...watched])], event_zones }
    return [camera, settings] as const
  })
  return { cameras: byName(cameras), events, leftOut }
}
