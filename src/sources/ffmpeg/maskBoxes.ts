/** Privacy masks as few rectangles that cover them. */

import type { Box, Point } from '../../types.ts'
import { boundsOf } from '../../util/polygon.ts'

type Polygon = readonly Point[]

/** From left to right, fractions of the width. */
type Run = readonly [left: number, right: number]

/** Rows of the raster from `top` to before `bottom`, and what is covered in all of them. */
interface Band {
  readonly top: number
  readonly bottom: number
  /** Sorted, apart from each other. */
  readonly runs: readonly Run[]
}

/** A row is two lines of 1080. Each rectangle is a filter of ffmpeg with about 100 characters. */
const ROWS = 512
const MOST_RUNS = 8
const MOST_BOXES = 64

/**
 * Every point that a polygon touches lies in a rectangle, those between crossing edges too. An area that takes more than
 * `most` rectangles becomes larger, never smaller.
 */
export function maskBoxes(masks: readonly Polygon[], most = MOST_BOXES): Box[] {
  const bands = joinCheapest(joinEqual(bandsOf(masks)), most)
  const boxes = boxesOf(bands)
  if (boxes.length <= most) return boxes
  return boxesOf(bands.map(band => ({ ...band, runs: closeGaps(band.runs, most) })))
}

/** One band for each row of the raster that a polygon touches. */
function bandsOf(masks: readonly Polygon[]): Band[] {
  const polygons = masks.map(polygon => ({ polygon, bounds: boundsOf(polygon) }))
  return Array.from({ length: ROWS }, (_, row) => {
    const [top, bottom] = [row / ROWS, (row + 1) / ROWS]
    const touching = polygons.filter(({ bounds }) => bounds.y <= bottom && bounds.y + bounds.height >= top)
    const runs = union(touching.flatMap(({ polygon }) => runsBetween(polygon, top, bottom)))
    return { top: row, bottom: row + 1, runs: closeGaps(runs, MOST_RUNS) }
  }).filter(({ runs }) => runs.length > 0)
}

/** What the polygon touches between two heights. */
function runsBetween(polygon: Polygon, top: number, bottom: number): Run[] {
  const corners = polygon.map(([, y]) => y).filter(y => y > top && y < bottom)
  const heights = [...new Set([top, ...corners, bottom])].sort((a, b) => a - b)
  const edges = polygon.map((from, i) => ({ from, to: polygon[(i + 1) % polygon.length] as Point }))
  const level = edges.filter(
    ({ from, to }) => from[1] === to[1] && from[1] >= top && (from[1] < bottom || bottom === 1),
  )
  return [
    ...level.map(({ from, to }): Run => [Math.min(from[0], to[0]), Math.max(from[0], to[0])]),
    ...heights.slice(1).flatMap((low, i) => runsInSlab(edges, heights[i] as number, low)),
  ]
}

interface Edge {
  readonly from: Point
  readonly to: Point
}

/**
 * The same between two heights with no corner in between, by the non-zero rule. A run reaches as far as all of its edges
 * do anywhere in the slab, so that edges that cross each other in it leave no gap.
 */
function runsInSlab(edges: readonly Edge[], high: number, low: number): Run[] {
  const crossing = edges
    .filter(({ from, to }) => Math.min(from[1], to[1]) <= high && Math.max(from[1], to[1]) >= low && from[1] !== to[1])
    .map(edge => ({ turn: Math.sign(edge.to[1] - edge.from[1]), ends: [xAt(edge, high), xAt(edge, low)] as const }))
    .sort((a, b) => a.ends[0] + a.ends[1] - b.ends[0] - b.ends[1])
  const runs: Run[] = []
  let winding = 0
  let xs: number[] = []
  for (const { turn, ends } of crossing) {
    xs.push(...ends)
    winding += turn
    if (winding !== 0) continue
    runs.push([Math.min(...xs), Math.max(...xs)])
    xs = []
  }
  return runs
}

function xAt({ from, to }: Edge, y: number): number {
  return from[0] + ((y - from[1]) / (to[1] - from[1])) * (to[0] - from[0])
}

/** Sorted and apart from each other. */
function union(runs: readonly Run[]): Run[] {
  const joined: Run[] = []
  for (const [left, right] of [...runs].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1)
    if (last === undefined || left > last[1]) joined.push([left, right])
    else joined[joined.length - 1] = [last[0], Math.max(last[1], right)]
  }
  return joined
}

/** At most `most` runs: the narrowest gaps are covered. */
function closeGaps(runs: readonly Run[], most: number): readonly Run[] {
  if (runs.length <= most) return runs
  const gaps = runs.slice(1).map(([left], i) => ({ i, width: left - (runs[i] as Run)[1] }))
  const kept = gaps
    .sort((a, b) => b.width - a.width)
    .slice(0, most - 1)
    .map(({ i }) => i)
    .sort((a, b) => a - b)
  return [...kept, runs.length - 1].map((last, i): Run => {
    const first = i === 0 ? 0 : (kept[i - 1] as number) + 1
    return [(runs[first] as Run)[0], (runs[last] as Run)[1]]
  })
}

function joinEqual(bands: readonly Band[]): Band[] {
  const joined: Band[] = []
  for (const band of bands) {
    const last = joined.at(-1)
    if (last?.bottom === band.top && isEqual(last.runs, band.runs)) joined[joined.length - 1] = join(last, band)
    else joined.push(band)
  }
  return joined
}

function isEqual(a: readonly Run[], b: readonly Run[]): boolean {
  return a.length === b.length && a.every(([left, right], i) => left === b[i]?.[0] && right === b[i]?.[1])
}

/** Of all neighbours those two become one band that together cover least beyond what they cover now, until it is enough. */
function joinCheapest(all: readonly Band[], most: number): Band[] {
  const bands = [...all]
  const growth = bands.slice(1).map((band, i) => growthOf(bands[i] as Band, band))
  const begun = bands.map((band, i) => begunIn(band, bands[i - 1]))
  while (bands.length > 1 && begun.reduce((sum, count) => sum + count) > most) {
    const at = growth.indexOf(Math.min(...growth))
    const joined = join(bands[at] as Band, bands[at + 1] as Band)
    bands.splice(at, 2, joined)
    growth.splice(at, 1)
    const [above, below] = [bands[at - 1], bands[at + 1]]
    begun.splice(at, 2, begunIn(joined, above))
    if (above) growth[at - 1] = growthOf(above, joined)
    if (below) [growth[at], begun[at + 1]] = [growthOf(joined, below), begunIn(below, joined)]
  }
  return bands
}

/** Runs that do not continue one of the band above: each begins a rectangle. */
function begunIn({ top, runs }: Band, above: Band | undefined): number {
  if (above?.bottom !== top) return runs.length
  return runs.filter(run => !above.runs.some(other => other[0] === run[0] && other[1] === run[1])).length
}

function growthOf(above: Band, below: Band): number {
  return areaOf(join(above, below)) - areaOf(above) - areaOf(below)
}

function join(above: Band, below: Band): Band {
  const most = Math.max(above.runs.length, below.runs.length)
  return { top: above.top, bottom: below.bottom, runs: closeGaps(union([...above.runs, ...below.runs]), most) }
}

function areaOf({ top, bottom, runs }: Band): number {
  return (bottom - top) * runs.reduce((sum, [left, right]) => sum + right - left, 0)
}

/** A run that goes on in the next band stays one rectangle. */
function boxesOf(bands: readonly Band[]): Box[] {
  const done: Box[] = []
  let open = new Map<string, { run: Run; top: number }>()
  const close = (key: string, bottom: number) => {
    const { run, top } = open.get(key) as { run: Run; top: number }
    done.push({ x: run[0], y: top / ROWS, width: run[1] - run[0], height: (bottom - top) / ROWS })
  }
  let end = 0
  for (const { top, bottom, runs } of bands) {
    const next = new Map(runs.map(run => [String(run), { run, top }] as const))
    for (const [key, { top: began }] of open) {
      const goesOn = next.get(key)
      if (goesOn && end === top) next.set(key, { run: goesOn.run, top: began })
      else close(key, end)
    }
    open = next
    end = bottom
  }
  for (const key of open.keys()) close(key, end)
  return done
}
