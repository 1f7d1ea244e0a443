/** Turns a near view into one from further away: longer ways, more of its surroundings, another camera. */

import type { CameraPlacement } from '../createCamera.ts'
import { extended } from './extended.ts'
import type { Gathering, Lane, View, Walkway } from './view.ts'

/** Metres before a way's first point and behind its last one. */
export type Ends = readonly [number, number]

export interface FarViewOptions {
  readonly camera: CameraPlacement
  /** The ends of each lane and walkway, in the view's order. */
  readonly lanes: readonly Ends[]
  readonly walkways: readonly Ends[]
  /** Metres before the ways to each gathering, in the view's order. */
  readonly ways: readonly (readonly number[])[]
  /** What the near view's camera does not see. */
  readonly surroundings: Pick<View, 'ground' | 'lines' | 'facades' | 'props' | 'parking'> & {
    /** Ground that lies on the near view's; `ground` lies below it. */
    readonly over?: View['ground']
  }
}

/** How much further than near views these see. */
const REACH = 2.5

export function farView(near: View, { camera, lanes, walkways, ways, surroundings }: FarViewOptions): View {
  return {
    label: near.label,
    camera,
    reach: REACH,
    ground: [...surroundings.ground, ...near.ground, ...(surroundings.over ?? [])],
    lines: [...near.lines, ...surroundings.lines],
    facades: [...near.facades, ...surroundings.facades],
    props: [...near.props, ...surroundings.props],
    parking: [...near.parking, ...surroundings.parking],
    lanes: near.lanes.map((lane, i) => longerLane(lane, lanes[i] ?? [0, 0])),
    walkways: near.walkways.map((walkway, i): Walkway => {
      const [before, after] = walkways[i] ?? [0, 0]
      return { ...walkway, points: extended(walkway.points, before, after) }
    }),
    gatherings: near.gatherings.map((gathering, i): Gathering => {
      const longer = gathering.ways.map((way, k) => extended(way, ways[i]?.[k] ?? 0, 0))
      return { ...gathering, ways: longer }
    }),
  }
}

/** The places where vehicles stop remain where they are. */
function longerLane(lane: Lane, [before, after]: Ends): Lane {
  return {
    ...lane,
    points: extended(lane.points, before, after),
    stops: lane.stops.map(stop => ({ ...stop, s: stop.s + before })),
  }
}
