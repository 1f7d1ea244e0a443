/** Finds names in a config that name nothing: events of a camera, zones of an event. */

import { didYouMean } from '../util/didYouMean.ts'
import { zonesOf } from './areasOf.ts'
import type { CameraConfig } from './cameraSchema.ts'
import type { EventConfig } from './eventSchema.ts'

interface References {
  readonly cameras: Readonly<Record<string, Pick<CameraConfig, 'events' | 'zones' | 'event_zones'>>>
  readonly events: Readonly<Record<string, Pick<EventConfig, 'zones' | 'overlap'>>>
}

interface ReferenceProblem {
  readonly path: (string | number)[]
  readonly message: string
}

export function referenceProblems({ cameras, events }: References): ReferenceProblem[] {
  return [
    ...Object.keys(cameras).flatMap(camera => [
      ...watchedProblems(camera, { cameras, events }),
      ...eventZoneProblems(camera, { cameras, events }),
    ]),
    ...Object.keys(events).flatMap(event => zoneProblems(event, { cameras, events })),
  ]
}

/** `cameras.<name>.events`. */
function watchedProblems(camera: string, { cameras, events }: References): ReferenceProblem[] {
  const settings = cameras[camera] as References['cameras'][string]
  return (settings.events ?? []).flatMap((event, index) => {
    const path = ['cameras', camera, 'events', index]
    if (!Object.hasOwn(events, event)) return [{ path, message: unknownEvent(event, events) }]
    if (zonesOf(event, settings, events)?.length !== 0) return []
    const zones = events[event]?.zones?.map(zone => `\`${zone}\``).join(', ')
    const message = `Event \`${event}\` is tied to zones of which \`${camera}\` has none (${zones}): add a zone or an entry in \`event_zones\`, or remove the event here`
    return [{ path, message }]
  })
}

/** `cameras.<name>.event_zones`. */
function eventZoneProblems(camera: string, { cameras, events }: References): ReferenceProblem[] {
  const { zones, event_zones: own, events: watched } = cameras[camera] as References['cameras'][string]
  return Object.entries(own).flatMap(([event, names]) => {
    const path = ['cameras', camera, 'event_zones', event]
    if (!Object.hasOwn(events, event)) return [{ path, message: unknownEvent(event, events) }]
    if (watched && !watched.includes(event))
      return [
        {
          path,
          message: `Event \`${event}\` is not among the \`events\` of \`${camera}\`: add it there, or remove it here`,
        },
      ]
    return names.flatMap((zone, index) => {
      if (Object.hasOwn(zones, zone)) return []
      const message = `Camera \`${camera}\` has no zone \`${zone}\`; ${didYouMean(zone, Object.keys(zones), 'zones')}`
      return [{ path: [...path, index], message }]
    })
  })
}

/** `events.<name>.zones`. One camera with the zone is enough. */
function zoneProblems(event: string, { cameras, events }: References): ReferenceProblem[] {
  const known = [...new Set(Object.values(cameras).flatMap(({ zones }) => Object.keys(zones)))]
  return (events[event]?.zones ?? []).flatMap((zone, index) => {
    if (known.includes(zone)) return []
    const message = `No camera has a zone \`${zone}\`; ${didYouMean(zone, known, 'zones')}`
    return [{ path: ['events', event, 'zones', index], message }]
  })
}

function unknownEvent(event: string, events: References['events']): string {
  return `There is no event \`${event}\`; ${didYouMean(event, Object.keys(events), 'events')}`
}
