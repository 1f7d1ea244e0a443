/** Which events a camera watches, and to which of its zones each is tied. */

import { byName } from '../util/byName.ts'
import type { CameraConfig } from './cameraSchema.ts'
import type { EventConfig } from './eventSchema.ts'

type Camera = Pick<CameraConfig, 'events' | 'zones' | 'event_zones'>
type Events = Readonly<Record<string, Pick<EventConfig, 'zones' | 'overlap'>>>

/** Names of the zones; null: anywhere in the image. An empty list: the camera has none of the event's zones. */
export function zonesOf(event: string, { zones, event_zones: own }: Camera, events: Events): readonly string[] | null {
  const named = Object.hasOwn(own, event) ? own[event] : events[event]?.zones
  return named?.filter(zone => Object.hasOwn(zones, zone)) ?? null
}

/** The events that are detected on a camera: not those of which it has no zone. */
export function eventsOf(camera: Camera, events: Events): readonly string[] {
  return (camera.events ?? Object.keys(events)).filter(event => zonesOf(event, camera, events)?.length !== 0)
}

/** Event name → its zones on this camera, for events that are tied to zones. */
export function areasOf(camera: Camera, events: Events): Record<string, { zones: readonly string[]; overlap: number }> {
  const tied = eventsOf(camera, events).flatMap(event => {
    const zones = zonesOf(event, camera, events)
    return zones === null ? [] : [[event, { zones, overlap: events[event]?.overlap ?? 1 }] as const]
  })
  return byName(tied)
}
