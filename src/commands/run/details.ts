/** How cameras and events are shown, and what of them is switched on, from the config and the plan in force. */

import type { LoadedConfig } from '../../config/load.ts'
import type { Plan } from '../../operators/plan.ts'
import type { CameraDetails, Details, EventDetails } from '../../sinks/mqtt/discovery.ts'

type Config = Pick<LoadedConfig['config'], 'cameras' | 'events'>

export function detailsOf({ cameras, events }: Config, plan: Plan): Details {
  return {
    cameras: new Map(Object.entries(cameras).map(([name, camera]) => [name, cameraDetails(name, camera, plan)])),
    events: new Map(Object.entries(events).map(([name, event]) => [name, eventDetails(name, event, plan)])),
  }
}

function cameraDetails(camera: string, config: Config['cameras'][string], { cameras, events }: Plan): CameraDetails {
  const planned = cameras.find(one => one.camera === camera)
  const disabledEvents = events
    .filter(({ event, enabled }) => !enabled || planned?.events.includes(event) !== true)
    .map(({ event }) => event)
  return {
    ...(config.name !== undefined && { name: config.name }),
    ...(config.area !== undefined && { area: config.area }),
    ...(config.configuration_url !== undefined && { configurationUrl: config.configuration_url }),
    enabled: planned?.enabled ?? config.enabled,
    disabledEvents,
  }
}

function eventDetails(event: string, config: Config['events'][string], { events }: Plan): EventDetails {
  const planned = events.find(one => one.event === event)
  return {
    ...(config.name !== undefined && { name: config.name }),
    ...(config.device_class !== undefined && { deviceClass: config.device_class }),
    ...(config.icon !== undefined && { icon: config.icon }),
    threshold: planned?.rule.trigger.threshold ?? 0,
  }
}
