/** Far scenes with zones: in one of them nothing ever happens, in two others something does; and what happens in them. */

import { createCamera, LOGICAL_HEIGHT, LOGICAL_WIDTH } from '../src/demo/world/createCamera.ts'
import { CROWD, spansOf, TRUTH_RATE } from '../src/demo/world/truth.ts'
import { viewNamed } from '../src/demo/world/views/viewNamed.ts'
import type { SceneObject, SceneTruth, TruthSpan, ViewName, World } from '../src/demo/world/world.ts'
import type { Span } from '../src/eval/matchSpans.ts'
import type { Point } from '../src/types.ts'
import { fractionInside } from '../src/util/polygon.ts'

export type EventName = TruthSpan['event']

/** A part of the ground in metres, and what stands on it up to a height. */
interface Ground {
  readonly x: Point
  readonly y: Point
  readonly height: number
}

export type ZoneName = 'quiet' | 'walk' | 'road'

/**
 * `quiet`: the car park before the street, the corner of the square before the houses, the benches of the plaza. Vehicles
 * are parked there at most. `walk`: pavement, the zebra crossing with a corner, the middle of the plaza.
 */
const GROUNDS: Readonly<Record<ViewName, Readonly<Record<ZoneName, Ground>>>> = {
  street: {
    quiet: { x: [-9, 14], y: [-4, 2.2], height: 0 },
    walk: { x: [-9, 24], y: [4.5, 9.2], height: 1.6 },
    road: { x: [-8, 16], y: [9.5, 16.4], height: 1 },
  },
  crossing: {
    quiet: { x: [-15, -9.5], y: [6.8, 9.7], height: 0.6 },
    walk: { x: [-1, 10.2], y: [8, 15], height: 1.6 },
    road: { x: [-1, 6.4], y: [15.2, 26], height: 1 },
  },
  plaza: {
    quiet: { x: [4, 12], y: [-3, 1.6], height: 0.6 },
    walk: { x: [-13, 8], y: [6, 12], height: 1.6 },
    road: { x: [-14, 8], y: [14.4, 21.2], height: 1 },
  },
}

/** Zones of a camera's config. */
export function zonesOf(view: ViewName): Record<ZoneName, Point[]> {
  const camera = createCamera(viewNamed(view, 'far').camera)
  const corner = (x: number, y: number, z: number): Point => {
    const [u, v] = camera.project(x, y, z)
    return [fraction(u / LOGICAL_WIDTH), fraction(v / LOGICAL_HEIGHT)]
  }
  const outline = ({ x, y, height }: Ground): Point[] => [
    corner(x[0], y[0], 0),
    corner(x[1], y[0], 0),
    corner(x[1], y[1], height),
    corner(x[0], y[1], height),
  ]
  const { quiet, walk, road } = GROUNDS[view]
  return { quiet: outline(quiet), walk: outline(walk), road: outline(road) }
}

function fraction(value: number): number {
  return Math.max(0, Math.min(1, Number(value.toFixed(4))))
}

/** An event counts in a zone while this fraction of the box of somebody or something lies in it. */
export const OVERLAP = 0.3
/** Of a person or vehicle, so that it counts as seen; the shortest stop that counts, seconds. */
const [SEEN, SHORTEST_STOP] = [0.5, 3]

/** The truth of a scene, ten times a second. */
export function momentsOf(world: World): SceneTruth[] {
  const count = Math.round(world.options.durationSeconds * TRUTH_RATE)
  return Array.from({ length: count }, (_, i) => world.truthAt(i / TRUTH_RATE))
}

/** When an event is true inside a zone, ms; by the definitions of docs/demo.md. */
export function spansInside(moments: readonly SceneTruth[], polygon: readonly Point[], event: EventName): Span[] {
  const flags = moments.map(({ objects }) => isTrue(event, objects, polygon))
  const spans = spansOf(flags).map(({ from, to }) => ({ from: from * 1000, to: to * 1000 }))
  return event === 'vehicle_stopping' ? spans.filter(({ from, to }) => to - from >= SHORTEST_STOP * 1000) : spans
}

function isInside({ box: [x, y, width, height], visible }: SceneObject, polygon: readonly Point[]): boolean {
  return visible >= SEEN && fractionInside(polygon, { x, y, width, height }) >= OVERLAP
}

function isTrue(event: EventName, objects: readonly SceneObject[], polygon: readonly Point[]): boolean {
  switch (event) {
    case 'person_walking':
      return objects.some(
        object => object.kind === 'person' && object.action === 'walking' && isInside(object, polygon),
      )
    case 'crowded_scene': {
      const people = objects.filter(({ kind }) => kind === 'person')
      return people.length >= CROWD && people.filter(person => isInside(person, polygon)).length >= CROWD
    }
    case 'vehicle_stopping':
      return objects.some(object => object.action === 'stopped' && isInside(object, polygon))
  }
}
