/** Makes a frame's views beside the whole image: one per zone, and windows around what moves. Pure. */

import type { Box, Frame, PartialView, Zone } from '../../types.ts'
import { boundsOf, fractionInside, isInside, zoneBox } from '../../util/polygon.ts'
import { hiddenBlocks } from '../markStill/hiddenBlocks.ts'
import { detailGrid, type Grid, type Hidden, lumaBlocks, wholeGrid } from '../markStill/lumaBlocks.ts'
import { FOREIGN, RESTING, type SceneOptions, type SceneState, sceneStep } from '../markStill/sceneStep.ts'
import { busyStep } from './busyStep.ts'
import { cellsIn } from './cellsIn.ts'
import { zoneViewId } from './countsFor.ts'
import { cutWindow, windowAt } from './cutWindow.ts'
import { findSubjects } from './findSubjects.ts'
import { followWindows, NO_WINDOWS, type Track, type Windows } from './followWindows.ts'
import { NO_SAMPLES, SAMPLE_VIEW, type SampleState, sampleWindow } from './sampleWindow.ts'
import { type CropBudget, FULL_BUDGET, spendCrops } from './spendCrops.ts'
import { LEAST_ZOOM, type ViewOptions } from './viewOptions.ts'
import { type ViewReference, viewStillness } from './viewStillness.ts'

export interface ViewState {
  readonly scene: SceneState
  /** Of `busyStep`. */
  readonly busy: Float32Array
  readonly windows: Windows
  readonly samples: SampleState
  readonly budget: CropBudget
  readonly places: ZonePlaces
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
  const places = before !== null && isSameGrid(before.places.grid, grid) ? before.places : placesOf(options, grid)
  const { hidden } = places
  const [scene] = sceneStep(before?.scene ?? null, blocks, at, { ...options, columns: grid.columns, hidden })
  const seen = { frame, scene, grid, places }
  const window = windowSize(frame)
  const busy = busyStep(before?.busy ?? null, scene, before === null ? 0 : at - before.scene.at)
  const windows = windowsOf(before?.windows ?? NO_WINDOWS, { scene, grid, window, busy }, options)
  const [samples, sample] =
    window !== null && options.samples === true && options.crops > 0
      ? sampleWindow(before?.samples ?? NO_SAMPLES, { scene, grid, window })
      : [NO_SAMPLES, null]
  const references = new Map<string, ViewReference>()
  const chosen = [...drafts(seen, windows.tracks, options), ...sampleDraft(seen, sample)]
  const views = chosen.map((draft): PartialView => {
    const { cells, counted, ...view } = draft
    const { motion, settled } = measure(scene, counted)
    const last = before?.references.get(view.id) ?? null
    const [reference, still] = viewStillness(last, { scene, box: view.box, cells, motion }, options)
    references.set(view.id, reference)
    return { ...view, motion, settled, still }
  })
  const [budget, waiting] = spendCrops(before?.budget ?? FULL_BUDGET, views, at)
  for (const id of waiting) keepReference(references, before, id)
  const inTurn = views.map(view => (waiting.has(view.id) ? { ...view, still: true } : view))
  return [{ scene, busy, windows, samples, budget, places, references }, inTurn]
}

/** A crop that waits for its turn still shows what it showed when it was last encoded. */
function keepReference(references: Map<string, ViewReference>, before: ViewState | null, id: string): void {
  const reference = before?.references.get(id)
  if (reference !== undefined) references.set(id, { ...reference, moved: true })
}

interface Seen {
  readonly frame: Frame
  readonly scene: SceneState
  readonly grid: Grid
  readonly places: ZonePlaces
}

/** Where a camera's zones and masks lie on its grid: the same for every frame of one size. */
interface ZonePlaces {
  readonly grid: Grid
  readonly hidden: Hidden
  readonly zones: readonly (Pick<Draft, 'box' | 'cells' | 'counted'> & { readonly zone: Zone })[]
}

function placesOf({ zones, masks = [] }: ViewOptions, grid: Grid): ZonePlaces {
  const placed = zones.map(zone => {
    const box = zoneBox(zone.polygon)
    const cells = cellsIn(box, grid)
    const inside = cells.filter(cell => isInside(zone.polygon, centreOf(cell, grid)))
    // A zone smaller than a block.
    return { zone, box, cells, counted: inside.length === 0 ? cells : inside }
  })
  return { grid, hidden: hiddenBlocks(masks, grid), zones: placed }
}

function isSameGrid(a: Grid, b: Grid): boolean {
  return a.columns === b.columns && a.rows === b.rows
}

/** The size of a crop in fractions of the image; null where crops would show no more than the whole image. */
function windowSize({ detail, size }: Frame): Pick<Box, 'width' | 'height'> | null {
  if (detail === null || Math.min(detail.width, detail.height) < LEAST_ZOOM * size) return null
  return { width: size / detail.width, height: size / detail.height }
}

interface Room {
  readonly scene: SceneState
  readonly grid: Grid
  readonly window: Pick<Box, 'width' | 'height'> | null
  readonly busy: Float32Array
}

function windowsOf(before: Windows, { scene, grid, window, busy }: Room, { crops }: ViewOptions): Windows {
  const none = { ...NO_WINDOWS, nextId: before.nextId }
  if (crops === 0 || window === null || scene.isNewScene) return none
  return followWindows(before, findSubjects(scene, grid, busy), { ...window, most: crops, at: scene.at })
}

function drafts(seen: Seen, tracks: readonly Track[], { zones }: ViewOptions): Draft[] {
  return [
    ...seen.places.zones.flatMap(place => zoneDraft(seen, place) ?? []),
    ...tracks.flatMap(track => cropDraft(seen, track, zones) ?? []),
  ]
}

function zoneDraft({ frame, scene, grid }: Seen, { zone, ...place }: ZonePlaces['zones'][number]): Draft | null {
  const { name, polygon } = zone
  const pixels = frame.zoneImages.get(name)
  if (pixels === undefined) return null
  const { counted } = place
  const active = counted.filter(cell => scene.movedAt[cell] === scene.at || scene.foreign[cell]! >= FOREIGN)
  const subject = active.length === 0 || scene.isNewScene ? boundsOf(polygon) : boundsOfCells(active, grid)
  return { id: zoneViewId(name), kind: 'zone', subject, zones: { [name]: 1 }, pixels, ...place }
}

function cropDraft(
  { frame, grid }: Seen,
  { id, window, subject }: Pick<Track, 'id' | 'window' | 'subject'>,
  zones: readonly Zone[],
): Draft | null {
  const { detail, size } = frame
  if (detail === null) return null
  const place = windowAt(detail, window, size)
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

function sampleDraft(seen: Seen, sample: Box | null): Draft[] {
  if (sample === null) return []
  const draft = cropDraft(seen, { id: 0, window: sample, subject: sample }, [])
  return draft === null ? [] : [{ ...draft, id: SAMPLE_VIEW }]
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

function centreOf(cell: number, { columns, rows }: Grid): readonly [number, number] {
  return [((cell % columns) + 0.5) / columns, (Math.floor(cell / columns) + 0.5) / rows]
}

function boundsOfCells(cells: readonly number[], { columns, rows }: Grid): Box {
  const [xs, ys] = [cells.map(cell => cell % columns), cells.map(cell => Math.floor(cell / columns))]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const [right, bottom] = [Math.max(...xs) + 1, Math.max(...ys) + 1]
  return { x: left / columns, y: top / rows, width: (right - left) / columns, height: (bottom - top) / rows }
}
