/** Translates the config into phrases, rules and the `WatchState` of the pipeline. */

import { createHash } from 'node:crypto'
import type { EventPhrases } from '../clip/embedPhrases.ts'
import { areasOf, eventsOf, zonesOf } from '../config/areasOf.ts'
import type { CameraConfig } from '../config/cameraSchema.ts'
import type { EventConfig } from '../config/eventSchema.ts'
import type { LoadedConfig } from '../config/loadConfig.ts'
import type { DetectRule } from '../operators/detect/detectRule.ts'
import type { WatchedCamera, WatchedEvent, WatchState } from '../operators/watchState.ts'
import { learnsFromImages } from '../scoring/eventScores.ts'
import type { ScoringTexts } from '../scoringTypes.ts'
import { byName } from '../util/byName.ts'

type Config = LoadedConfig['config']

/** Frames further apart than this are unrelated, ms. */
export const FRAME_GAP_MS = 30_000

/** New peaks of an open event are published at most this often, ms. */
export const UPDATE_EVERY_MS = 2000

export function phrasesOf(events: Config['events']): EventPhrases[] {
  return Object.entries(events).map(([event, { prompts = [], negative_prompts: negativePrompts = [], levels }]) => ({
    event,
    prompts,
    negativePrompts,
    levels: levels ?? null,
  }))
}

export function watchStateOf(config: Pick<Config, 'cameras' | 'events'>, texts: ScoringTexts): WatchState {
  const watched = { events: config.events, samples: learnsFromImages(texts.calibration) }
  return {
    texts,
    cameras: Object.entries(config.cameras).map(([camera, settings]) => watchedCamera(camera, settings, watched)),
    events: Object.entries(config.events).map(([event, settings]) => watchedEvent(event, settings)),
  }
}

/** Event name → the score at which it starts. */
export function thresholdsOf(events: Config['events']): Record<string, number> {
  return byName(Object.entries(events).map(([name, { threshold }]) => [name, threshold]))
}

/** Camera name → the events that are detected on it. */
export function watchedOf({ cameras, events }: Pick<Config, 'cameras' | 'events'>): Record<string, readonly string[]> {
  return byName(Object.entries(cameras).map(([name, camera]) => [name, eventsOf(camera, events)]))
}

/** True for an event that counts only in zones of which the camera has none. */
export function lacksZone(
  event: string,
  camera: string,
  { cameras, events }: Pick<Config, 'cameras' | 'events'>,
): boolean {
  const settings = cameras[camera]
  return settings !== undefined && zonesOf(event, settings, events)?.length === 0
}

interface Watched {
  readonly events: Config['events']
  /** Crops are learned from. */
  readonly samples: boolean
}

function watchedCamera(camera: string, settings: CameraConfig, { events, samples }: Watched): WatchedCamera {
  // Neither display settings nor the choice of events affect the source: they must not reopen the connection.
  const { motion, events: _, event_zones, enabled, name, area, configuration_url, ...source } = settings
  const { crops, zones, masks } = settings
  return {
    camera,
    enabled,
    revision: createHash('sha256').update(JSON.stringify({ source, motion })).digest('hex'),
    motion: { enabled: motion.enabled, threshold: motion.threshold, refreshMs: motion.refresh_interval },
    views: { crops, zones: Object.entries(zones).map(([zone, polygon]) => ({ name: zone, polygon })), masks, samples },
    events: eventsOf(settings, events),
    areas: areasOf(settings, events),
  }
}

function watchedEvent(event: string, settings: EventConfig): WatchedEvent {
  return { event, enabled: true, rule: ruleOf(settings), tauMs: settings.smoothing }
}

function ruleOf(settings: EventConfig): DetectRule {
  const trigger = {
    threshold: settings.threshold,
    releaseThreshold: settings.release_threshold,
    minOnMs: settings.min_on,
    minOffMs: settings.min_off,
    cooldownMs: settings.cooldown,
    maxDurationMs: settings.max_duration,
  }
  switch (settings.rule) {
    case 'moves':
      return { rule: 'moves', motionWindowMs: settings.motion_window, trigger }
    case 'stops':
      return { rule: 'stops', motionWindowMs: settings.motion_window, trigger }
    case 'leaves':
      return { rule: 'leaves', holdMs: settings.hold, trigger }
    case 'loiters':
      return { rule: 'loiters', dwellMs: settings.dwell_time, trigger }
    case 'level':
      return { rule: 'level', trigger }
    case 'present':
      return { rule: 'present', trigger }
  }
}
