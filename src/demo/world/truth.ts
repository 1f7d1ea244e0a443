/** Computes the ground truth of a moment and the event spans, by the definitions in docs/demo.md. */

import type { Camera } from './createCamera.ts'
import { LOGICAL_HEIGHT, LOGICAL_WIDTH } from './createCamera.ts'
import { createItem } from './items/createItem.ts'
import { crownOf } from './items/createPropItem.ts'
import type { Bounds, Item } from './items/item.ts'
import type { Actor, ActorState } from './script/actor.ts'
import type { View } from './views/view.ts'
import { inside, type Wall, wallsOf } from './walls.ts'
import type { SceneObject, TruthSpan } from './world.ts'

/** Samples a second at which spans are measured. */
export const TRUTH_RATE = 10
const [MERGE_SECONDS, SHORTEST_SECONDS, SHORTEST_STOP_SECONDS] = [2, 1.5, 3]
/** People who make a crowd. */
export const CROWD = 6
/** Fraction of a person's box that must be visible: to be counted as seen, and to stay counted. */
const [SEEN, MADE_OUT] = [0.5, 0.15]

/** Static objects that may hide others. */
export interface Scene {
  readonly camera: Camera
  readonly walls: readonly Wall[]
  /** Tree crowns: depth and box. */
  readonly crowns: readonly { readonly depth: number; readonly bounds: Bounds }[]
}

export function sceneOf(view: View, camera: Camera): Scene {
  const crowns = view.props
    .filter(({ kind }) => kind === 'tree')
    .map(prop => {
      const { x, y, depth, radius } = crownOf(camera, prop)
      return { depth, bounds: [x - radius * 0.75, y - radius * 0.6, x + radius * 0.75, y + radius * 0.6] as const }
    })
  return { camera, walls: wallsOf(view, camera), crowns }
}

interface Present {
  readonly actor: Actor
  readonly at: ActorState
  readonly item: Item
}

/** All objects that touch the image, far to near. */
export function objectsAt(scene: Scene, actors: readonly Actor[], seconds: number): SceneObject[] {
  const present = presentAt(scene, actors, seconds)
  return present.flatMap(({ actor, at, item }, i) => {
    const visible = visibleFraction(scene, present, i)
    if (visible <= 0) return []
    const { id, kind, colour } = actor
    return [{ id, kind, colour, action: at.action, place: at.place, box: relativeBox(clip(item.bounds)), visible }]
  })
}

/** People who are seen: at least half visible. */
export function peopleIn(objects: readonly SceneObject[]): number {
  return objects.filter(({ kind, visible }) => kind === 'person' && visible >= SEEN).length
}

/** Event spans of a whole scene. */
export function measureSpans(scene: Scene, actors: readonly Actor[], durationSeconds: number): TruthSpan[] {
  const walking: boolean[] = []
  const crowded: boolean[] = []
  for (let i = 0; i < durationSeconds * TRUTH_RATE; i++) {
    const people = peopleAt(scene, actors, i / TRUTH_RATE)
    const seen = people.filter(({ visible }) => visible >= SEEN)
    walking.push(seen.some(({ action }) => action === 'walking'))
    // Who stands in a crowd is hidden by it now and then: only when fewer can be made out at all is it over.
    const lasts = crowded.at(-1) === true && people.filter(({ visible }) => visible >= MADE_OUT).length >= CROWD
    crowded.push(seen.length >= CROWD || lasts)
  }
  const stops = actors.flatMap(({ rest }): TruthSpan[] => {
    if (!rest) return []
    const [from, to] = [toMs(rest[0]), toMs(Math.min(rest[1], durationSeconds))]
    return to - from >= SHORTEST_STOP_SECONDS ? [{ event: 'vehicle_stopping', from, to }] : []
  })
  const spans = [
    ...spansOf(walking).map((span): TruthSpan => ({ event: 'person_walking', ...span })),
    ...stops,
    ...spansOf(crowded).map((span): TruthSpan => ({ event: 'crowded_scene', ...span })),
  ]
  return spans.sort((a, b) => a.from - b.from || a.event.localeCompare(b.event))
}

/** Actions and visibility of people. Nothing else is measured here, because there are thousands of moments. */
function peopleAt(scene: Scene, actors: readonly Actor[], seconds: number): Pick<SceneObject, 'action' | 'visible'>[] {
  const isHere = ({ from, to }: Actor) => from <= seconds && seconds < to
  if (!actors.some(actor => actor.kind === 'person' && isHere(actor))) return []
  const present = presentAt(scene, actors, seconds)
  return present.flatMap(({ actor, at: { action } }, i) =>
    actor.kind === 'person' ? [{ action, visible: visibleFraction(scene, present, i) }] : [],
  )
}

function presentAt({ camera }: Scene, actors: readonly Actor[], seconds: number): Present[] {
  return actors
    .filter(actor => actor.from <= seconds && seconds < actor.to)
    .map(actor => {
      const at = actor.at(seconds)
      return { actor, at, item: createItem({ camera }, actor, at) }
    })
    .filter(({ item }) => item.depth > 1.2)
    .sort((a, b) => b.item.depth - a.item.depth)
}

/** Fraction of an object that is inside the image and not behind another object, a tree or a house. */
function visibleFraction(scene: Scene, present: readonly Present[], i: number): number {
  const { at, item } = present[i] as Present
  const clipped = clip(item.bounds)
  const within = areaOf(clipped) / Math.max(1e-9, areaOf(item.bounds))
  if (within <= 0) return 0
  const before = [
    ...present.slice(i + 1).map(other => solid(other.item.bounds, other.actor.kind)),
    ...scene.crowns.filter(crown => crown.depth < item.depth).map(crown => crown.bounds),
  ]
  const walls = scene.walls.filter(wall => wall.hides(at.x, at.y))
  return within * (1 - hiddenFraction(clipped, before, walls))
}

function relativeBox([left, top, right, bottom]: Bounds): SceneObject['box'] {
  return [left / LOGICAL_WIDTH, top / LOGICAL_HEIGHT, (right - left) / LOGICAL_WIDTH, (bottom - top) / LOGICAL_HEIGHT]
}

/** Seconds in whole milliseconds: a truth file without endless digits. */
function toMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/**
 * Runs of true as spans in seconds: gaps below 2 s closed, then spans below 1.5 s dropped.
 * @param flags ten a second, the first at 0 s
 */
export function spansOf(flags: readonly boolean[]): Pick<TruthSpan, 'from' | 'to'>[] {
  const spans: { from: number; to: number }[] = []
  flags.forEach((flag, i) => {
    if (!flag) return
    const [from, to] = [i / TRUTH_RATE, (i + 1) / TRUTH_RATE]
    const last = spans.at(-1)
    if (last && from - last.to < MERGE_SECONDS) last.to = to
    else spans.push({ from, to })
  })
  return spans.filter(({ from, to }) => to - from >= SHORTEST_SECONDS)
}

function clip([left, top, right, bottom]: Bounds): Bounds {
  return [Math.max(0, left), Math.max(0, top), Math.min(LOGICAL_WIDTH, right), Math.min(LOGICAL_HEIGHT, bottom)]
}

function areaOf([left, top, right, bottom]: Bounds): number {
  return right > left && bottom > top ? (right - left) * (bottom - top) : 0
}

/** The part of a box that its object fills: people are slimmer than their boxes, vehicles have corners. */
function solid([left, top, right, bottom]: Bounds, kind: SceneObject['kind']): Bounds {
  const [x, y] = kind === 'person' ? [0.2, 0.04] : kind === 'bicycle' || kind === 'dog' ? [0.25, 0.15] : [0.06, 0.12]
  const [w, h] = [right - left, bottom - top]
  return [left + w * x, top + h * y, right - w * x, bottom - h * y * 0.3]
}

/** Fraction of a box that lies behind others, on a grid of 5 x 9 points. */
function hiddenFraction([left, top, right, bottom]: Bounds, before: readonly Bounds[], walls: readonly Wall[]): number {
  const touching = before.filter(b => b[0] < right && left < b[2] && b[1] < bottom && top < b[3])
  if (touching.length === 0 && walls.length === 0) return 0
  let hidden = 0
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 9; j++) {
      const [x, y] = [left + ((i + 0.5) * (right - left)) / 5, top + ((j + 0.5) * (bottom - top)) / 9]
      const covered = touching.some(b => x > b[0] && x < b[2] && y > b[1] && y < b[3])
      if (covered || walls.some(wall => inside(wall.outline, x, y))) hidden += 1
    }
  }
  return hidden / 45
}
