/** What differs between two configs, in terms of what must restart. */

import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from './load.ts'

type Config = LoadedConfig['config']

export interface ConfigDiff {
  /** Cameras that are new or whose source changed: these connect anew. */
  readonly restarted: readonly string[]
  readonly removed: readonly string[]
  /** Cameras that are only shown differently. */
  readonly renamed: readonly string[]
  /** Words, rules or assignment of events changed: texts and rules are exchanged, no camera reconnects. */
  readonly events: boolean
  /** Keys that only a restart of the process can apply, such as `mqtt` or `model`. */
  readonly needsRestart: readonly string[]
}

/** Keys of a camera that its source does not see: a change needs no new connection. */
const SHOWN_CAMERA_KEYS = ['name', 'area', 'configuration_url'] as const
const LIVE_CAMERA_KEYS = ['events', ...SHOWN_CAMERA_KEYS] as const
const FIXED_SECTIONS = ['model', 'mqtt', 'metrics', 'snapshots', 'journal', 'log', 'ffmpeg', 'data_dir'] as const

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
      names.some(name => !isDeepStrictEqual(before.cameras[name]?.events, after.cameras[name]?.events)),
    needsRestart: FIXED_SECTIONS.filter(key => !isDeepStrictEqual(before[key], after[key])),
  }
}

function sourceOf(config: Config, name: string): Record<string, unknown> | null {
  const camera = config.cameras[name]
  if (camera === undefined) return null
  return Object.fromEntries(Object.entries(camera).filter(([key]) => !LIVE_CAMERA_KEYS.some(live => live === key)))
}
