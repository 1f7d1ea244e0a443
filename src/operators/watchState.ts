/** Which cameras and events are watched, and the commands that change it at run time. */

import type { ScoringTexts } from '../scoringTypes.ts'
import { byName } from '../util/byName.ts'
import { atThreshold } from './detect/atThreshold.ts'
import type { DetectRule } from './detect/detectRule.ts'
import type { MarkStillOptions } from './markStill.ts'
import type { EventArea, ViewOptions } from './views/viewOptions.ts'

export interface WatchedCamera {
  readonly camera: string
  readonly enabled: boolean
  /** Hash of the source's settings and `motion`, not of names and events: the camera is reopened when it changes. */
  readonly revision: string
  readonly motion: MarkStillOptions
  /** Default: the whole image alone. */
  readonly views?: ViewOptions
  /** Events to watch for here. */
  readonly events: readonly string[]
  /** Event name → the zones to which it is tied here. Without an entry an event counts anywhere in the image. */
  readonly areas?: Readonly<Record<string, EventArea>>
}

export interface WatchedEvent {
  readonly event: string
  readonly enabled: boolean
  readonly rule: DetectRule
  /** Time constant of the score smoothing, ms; 0: none. */
  readonly tauMs: number
}

/** Everything that a reload may change while the pipeline runs. */
export interface WatchState {
  readonly cameras: readonly WatchedCamera[]
  readonly events: readonly WatchedEvent[]
  readonly texts: ScoringTexts
}

/** The JPEG of a camera's next frame; null when its frames carry none. */
export interface SnapshotAnswer {
  readonly camera: string
  /** ms since the epoch, frame time. */
  readonly at: number
  readonly jpeg: Uint8Array | null
}

export type Command =
  /** A reloaded configuration. Cameras and events that did not change are not interrupted. */
  | { readonly type: 'replace'; readonly state: WatchState }
  | { readonly type: 'camera'; readonly camera: string; readonly enabled: boolean }
  /** `camera` null: everywhere. */
  | { readonly type: 'event'; readonly event: string; readonly camera: string | null; readonly enabled: boolean }
  | { readonly type: 'threshold'; readonly event: string; readonly threshold: number }
  /** `deliver` is called once, with the camera's next scored frame. */
  | { readonly type: 'snapshot'; readonly camera: string; readonly deliver: (answer: SnapshotAnswer) => void }

/** The state after a command. Unknown names change nothing; the sender checks them. */
export function applyCommand(state: WatchState, command: Command): WatchState {
  switch (command.type) {
    case 'replace':
      return command.state
    case 'camera':
      return {
        ...state,
        cameras: state.cameras.map(camera =>
          camera.camera === command.camera ? { ...camera, enabled: command.enabled } : camera,
        ),
      }
    case 'event':
      return command.camera === null ? enableEverywhere(state, command) : enableOn(state, command.camera, command)
    case 'threshold':
      return {
        ...state,
        events: state.events.map(event =>
          event.event === command.event ? { ...event, rule: atThreshold(event.rule, command.threshold) } : event,
        ),
      }
    case 'snapshot':
      return state
  }
}

/** Names of the events that a camera watches. */
export function watchedEvents(state: WatchState, camera: string): readonly string[] {
  const watched = state.cameras.find(one => one.camera === camera && one.enabled)?.events ?? []
  return state.events.filter(({ event, enabled }) => enabled && watched.includes(event)).map(({ event }) => event)
}

/** The zones to which its events are tied. */
export function watchedAreas(state: WatchState, camera: string): Readonly<Record<string, EventArea>> {
  return state.cameras.find(one => one.camera === camera)?.areas ?? byName([])
}

/** Their rules. */
export function rulesOf(state: WatchState, camera: string): ReadonlyMap<string, DetectRule> {
  const watched = watchedEvents(state, camera)
  return new Map(state.events.filter(({ event }) => watched.includes(event)).map(({ event, rule }) => [event, rule]))
}

/** The time constant of an event's smoothing, ms. */
export function smoothingOf(state: WatchState, event: string): number {
  return state.events.find(one => one.event === event)?.tauMs ?? 0
}

interface Switch {
  readonly event: string
  readonly enabled: boolean
}

function enableEverywhere(state: WatchState, { event, enabled }: Switch): WatchState {
  return { ...state, events: state.events.map(one => (one.event === event ? { ...one, enabled } : one)) }
}

function enableOn(state: WatchState, name: string, { event, enabled }: Switch): WatchState {
  const cameras = state.cameras.map(camera => {
    if (camera.camera !== name) return camera
    const others = camera.events.filter(one => one !== event)
    return { ...camera, events: enabled ? [...others, event] : others }
  })
  return { ...state, cameras }
}
