/** Compares two configs and says what has to restart. */

import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from './loadConfig.ts'

type Config = LoadedConfig['config']

export interface ConfigDiff {
  /** Cameras that are new or whose source changed: these connect again. */
  readonly restarted: readonly string[]
  readonly removed: readonly string[]
  /** Cameras of which only a displayed key changed. */
  readonly renamed: readonly string[]
  /** Phrases, rules or the assignment of events changed: these are replaced, no camera reconnects. */
  readonly events: boolean
  /** Keys that take effect only after a restart of the process, such as `mqtt` or `model`. */
  readonly needsRestart: readonly string[]
}

/** Keys of a camera that its source does not use: a change needs no new connection. */
const SHOWN_CAMERA_KEYS = ['name', 'area', 'configuration_url'] as const
/** Keys that say which events count where: the pipeline takes them over as it runs. */
const EVENT_CAMERA_KEYS = ['events', 'event_zones'] as const
const LIVE_CAMERA_KEYS = [...EVENT_CAMERA_KEYS, ...SHOWN_CAMERA_KEYS] as const
const FIXED_SECTIONS = [
  'model',
  'mqtt',
  'metrics',
  'snapshots',
  'journal',
  'history',
  'log',
  'ffmpeg',
  'data_dir',
] as const

export function diffConfig(before: Config, after: Config): ConfigDiff {
  const names = Object.keys(after.cameras)
  return {
    restarted: names.filter(name => !isDeepStrictEqual(sourceOf(before, name), sourceOf(after, name))),
    removed: Object.keys(before.cameras).filter(name => !names.includes(name)),
    renamed: names.filter(
      name =>
        Object.hasOwn(before.cameras, name) &&
        SHOWN_CAMERA_KEYS.some(key => before.cameras[name]?.[key] !== after.cameras[name]?.[key]),
    ),
    events:
      !isDeepStrictEqual(before.events, after.events) ||
      names.some(name => Object.hasOwn(before.cameras, name) && choiceDiffers(before, after, name)),
    needsRestart: FIXED_SECTIONS.filter(key => !isDeepStrictEqual(before[key], after[key])),
  }
}

/** Whether another choice of events, or of their zones, is watched on a camera. */
function choiceDiffers(before: Config, after: Config, name: string): boolean {
  return EVENT_CAMERA_KEYS.some(key => !isDeepStrictEqual(before.cameras[name]?.[key], after.cameras[name]?.[key]))
}

function sourceOf(config: Config, name: string): Record<string, unknown> | null {
  const camera = config.cameras[name]
  if (camera === undefined) return null
  return Object.fromEntries(Object.entries(camera).filter(([key]) => !LIVE_CAMERA_KEYS.some(live => live === key)))
}
