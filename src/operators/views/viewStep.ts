/** Makes a frame's views beside the whole image: one per zone, and windows around what moves. Pure. */

import type { Box, Frame, PartialView, Zone } from '../../types.ts'
import { boundsOf, fractionInside, isInside, zoneBox } from '../../util/polygon.ts'
import { detailGrid, type Grid, lumaBlocks, wholeGrid } from '../markStill/lumaBlocks.ts'
import { FOREIGN, RESTING, type SceneOptions, type SceneState, sceneStep } from '../markStill/sceneStep.ts'
import { cutWindow, type PixelWindow, windowAt } from './cutWindow.ts'
import { findSubjects } from './findSubjects.ts'
import { followWindows, NO_WINDOWS, type Track, type Windows } from './followWindows.ts'
import type { ViewOptions } from './viewOptions.ts'
import { type ViewReference, viewStillness } from './viewStillness.ts'

export interface ViewState {
  readonly scene: SceneState
  readonly windows: Windows
  /** View id → the view when it was last encoded. */
  readonly references: ReadonlyMap<string, ViewReference>
}

export interface ViewStepOptions extends ViewOptions, Pick<SceneOptions, 'threshold' | 'refreshMs'> {}

/** A view before its stillness is known. */
interface Draft extends Pick<PartialView, 'id' | 'kind' | 'box' | 'subject' | 'zones' | 'pixels'> {
  /** Blocks that the encoder sees, and those in which motion counts. */
  readonly cells: readonly number[]
  readonly counted: readonly number[]
}

/** An image this much larger than the model's input shows more in a window than the whole image does. */
const LEAST_ZOOM = 1.25

/**
 * Uses the frame's detail image; without one, blocks come from the whole image and there are no crops.
 * @param before state after the frame before; null for the first
 */
export function viewStep(
  before: ViewState | null,
  frame: Frame,
  options: ViewStepOptions,
): readonly [ViewState, readonly PartialView[]] {
  const { size, detail, capturedAt: at } = frame
  const image = detail ?? { width: size, height: size, pixels: frame.pixels }
  const grid = detail === null ? wholeGrid(size) : detailGrid(detail)
  const blocks = lumaBlocks(image.pixels, image, grid)
  const sceneOptions = { ...options, columns: grid.columns }
  const [scene] = sceneStep(before?.scene ?? null, blocks, at, sceneOptions)
  const windows = scene.isNewScene
    ? { ...NO_WINDOWS, nextId: before?.windows.nextId ?? NO_WINDOWS.nextId }
    : windowsOf(before?.windows ?? NO_WINDOWS, { frame, scene, grid }, options)
  const references = new Map<string, ViewReference>()
  const views = drafts({ frame, scene, grid }, windows.tracks, options).map((draft): PartialView => {
    const { cells, counted, ...view } = draft
    const { motion, settled } = measure(scene, counted)
    const last = before?.references.get(view.id) ?? null
    const [reference, still] = viewStillness(last, { scene, box: view.box, cells, motion }, options)
    references.set(view.id, reference)
    return { ...view, motion, settled, still }
  })
  return [{ scene, windows, references }, views]
}

interface Seen {
  readonly frame: Frame
  readonly scene: SceneState
  readonly grid: Grid
}

function windowsOf(before: Windows, { frame, scene, grid }: Seen, { crops }: ViewOptions): Windows {
  const { detail, size, capturedAt: at } = frame
  if (crops === 0 || detail === null || Math.min(detail.width, detail.height) < LEAST_ZOOM * size) return NO_WINDOWS
  const [width, height] = [size / detail.width, size / detail.height]
  return followWindows(before, findSubjects(scene, grid), { width, height, most: crops, at })
}

function drafts(seen: Seen, tracks: readonly Track[], { zones }: ViewOptions): Draft[] {
  return [
    ...zones.flatMap(zone => zoneDraft(seen, zone) ?? []),
    ...tracks.flatMap(track => cropDraft(seen, track, zones) ?? []),
  ]
}

function zoneDraft({ frame, scene, grid }: Seen, { name, polygon }: Zone): Draft | null {
  const pixels = frame.zoneImages.get(name)
  if (pixels === undefined) return null
  const box = zoneBox(polygon)
  const cells = cellsIn(box, grid)
  const inside = cells.filter(cell => isInside(polygon, centreOf(cell, grid)))
  // A zone smaller than a block.
  const counted = inside.length === 0 ? cells : inside
  const active = counted.filter(cell => scene.movedAt[cell] === scene.at || scene.foreign[cell]! >= FOREIGN)
  const subject = active.length === 0 || scene.isNewScene ? boundsOf(polygon) : boundsOfCells(active, grid)
  return { id: `zone-${name}`, kind: 'zone', box, subject, zones: { [name]: 1 }, pixels, cells, counted }
}

function cropDraft({ frame, grid }: Seen, { id, window, subject }: Track, zones: readonly Zone[]): Draft | null {
  const { detail, size } = frame
  if (detail === null) return null
  const place: PixelWindow = windowAt(detail, window, size)
  const cells = cellsIn(place.box, grid)
  const touched = zones.flatMap(({ name, polygon }) => {
    const fraction = fractionInside(polygon, subject)
    return fraction > 0 ? [[name, fraction] as const] : []
  })
  const pixels = cutWindow(detail, place, size)
  return {
    id: `crop-${id}`,
    kind: 'crop',
    box: place.box,
    subject,
    zones: Object.fromEntries(touched),
    pixels,
    cells,
    counted: cells,
  }
}

/** Fractions of the blocks that changed since the frame before, and that have come to rest. */
function measure(
  { movedAt, foreign, at, isNewScene }: SceneState,
  cells: readonly number[],
): { motion: number; settled: number } {
  if (isNewScene || cells.length === 0) return { motion: 0, settled: 0 }
  let [moving, resting] = [0, 0]
  for (const i of cells) {
    if (movedAt[i] === at) moving += 1
    if (foreign[i] === RESTING) resting += 1
  }
  return { motion: moving / cells.length, settled: resting / cells.length }
}

/** Blocks whose centre lies in a box. */
function cellsIn({ x, y, width, height }: Box, { columns, rows }: Grid): number[] {
  const first = (from: number, count: number) => Math.max(0, Math.ceil(from * count - 0.5))
  const end = (to: number, count: number) => Math.min(count, Math.ceil(to * count - 0.5))
  const cells: number[] = []
  for (let row = first(y, rows); row < end(y + height, rows); row++)
    for (let column = first(x, columns); column < end(x + width, columns); column++) cells.push(row * columns + column)
  return cells
}

function centreOf(cell: number, { columns, rows }: Grid): readonly [number, number] {
  return [((cell % columns) + 0.5) / columns, (Math.floor(cell / columns) + 0.5) / rows]
}

function boundsOfCells(cells: readonly number[], { columns, rows }: Grid): Box {
  const [xs, ys] = [cells.map(cell => cell % columns), cells.map(cell => Math.floor(cell / columns))]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const [right, bottom] = [Math.max(...xs) + 1, Math.max(...ys) + 1]
  return { x: left / columns, y: top / rows, width: (right - left) / columns, height: (bottom - top) / rows }
}
