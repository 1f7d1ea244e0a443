/** Display names, icons, switches and thresholds of cameras and events, from the config and the watch state in force. */

import type { LoadedConfig } from '../../config/loadConfig.ts'
import type { WatchState } from '../../operators/watchState.ts'
import type { Details } from '../../sinks/mqtt/discoveryDevice.ts'
import type { Redactor } from '../../util/redactor.ts'

type Config = Pick<LoadedConfig['config'], 'cameras' | 'events'>

/** @param redact for texts of the config that are published: a name or a link may hold a secret */
export function detailsOf({ cameras, events }: Config, state: WatchState, redact: Redactor): Details {
  return {
    cameras: mapOf(cameras, (name, camera) => ({
      ...shownText('name', camera.name, redact),
      ...shownText('area', camera.area, redact),
      ...shownText('configurationUrl', camera.configuration_url, redact),
      ...cameraSwitches(name, state),
      hasCrops: camera.crops > 0 || Object.keys(camera.zones).length > 0,
    })),
    events: mapOf(events, (name, event) => ({
      ...shownText('name', event.name, redact),
      ...(event.device_class !== undefined && { deviceClass: event.device_class }),
      ...(event.icon !== undefined && { icon: event.icon }),
      threshold: state.events.find(one => one.event === name)?.rule.trigger.threshold ?? 0,
    })),
  }
}

function mapOf<T, U>(record: Readonly<Record<string, T>>, of: (name: string, value: T) => U): ReadonlyMap<string, U> {
  return new Map(Object.entries(record).map(([name, value]) => [name, of(name, value)]))
}

function shownText<K extends string>(key: K, text: string | undefined, redact: Redactor): { [key in K]?: string } {
  return text === undefined ? {} : ({ [key]: redact(text) } as { [key in K]: string })
}

function cameraSwitches(name: string, { cameras, events }: WatchState) {
  const watched = cameras.find(({ camera }) => camera === name)
  return {
    enabled: watched?.enabled ?? false,
    disabledEvents: events
      .filter(({ event, enabled }) => !enabled || watched?.events.includes(event) !== true)
      .map(({ event }) => event),
  }
}
