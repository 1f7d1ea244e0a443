/** The one filter graph of a camera: sample, black out masks, then split into model pixels, times, snapshots, detail, zones. */

import type { ImageParts } from '../imageParts.ts'
import { maskFilters } from './maskFilters.ts'
import { SEEN, scaleFilter } from './scaleFilter.ts'
import { zoneChains } from './zoneChains.ts'

export type Fit = 'stretch' | 'letterbox' | 'crop'

/** `fps`: the first frame of each 1/fps slot. `everyNth`: frame 0, N, 2N, … as decoded. `all`: every frame. */
export type Sampling = { readonly fps: number } | { readonly everyNth: number } | 'all'

export interface GraphOptions extends ImageParts {
  readonly sampling: Sampling
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  /** Also emit the time of each frame as `[times]`. */
  readonly times: boolean
  /** Also emit `[jpeg]` with this long side in pixels; smaller images are not enlarged. null: none. */
  readonly snapshotLongSide: number | null
}

/** The text for `-filter_complex`; its outputs are `[raw]` and, when asked for, `[times]`, `[jpeg]`, `[detail]`, `[zones]`. */
export function filterGraph(options: GraphOptions): string {
  const { times, snapshotLongSide, detailHeight, leastDetailHeight, zones, size } = options
  const branches: ((from: string) => string[])[] = [from => [`${from}${fitted(options).join(',')}[raw]`]]
  // Its pixels go nowhere, but ffmpeg copies them: one is enough.
  if (times) branches.push(from => [`${from}crop=1:1:0:0:exact=1[times]`])
  if (snapshotLongSide !== null) branches.push(from => [`${from}${snapshot(snapshotLongSide)}[jpeg]`])
  if (detailHeight !== null) branches.push(from => [`${from}${detail(detailHeight, leastDetailHeight)}[detail]`])
  if (zones.length > 0) branches.push(from => zoneChains(zones, size, { from, to: '[zones]' }))
  const inputs = branches.map((_, i) => `[${'abcde'[i]}]`)
  const shared = [...select(options.sampling), ...masked(options), `split=${branches.length}`].join(',')
  return [`[0:V:0]${shared}${inputs.join('')}`, ...branches.flatMap((chains, i) => chains(inputs[i] as string))].join(
    ';',
  )
}

/** Containers round times, many to whole milliseconds: a frame this much early still belongs to its slot. Seconds. */
const SLOT_SLACK_S = 0.001

/**
 * `select` keeps real frames with their own times. The `fps` filter would repeat and shift them, and a frame's time
 * must be true for variable frame rates too.
 */
function select(sampling: Sampling): string[] {
  if (sampling === 'all') return []
  if ('everyNth' in sampling) return [`select='not(mod(n,${sampling.everyNth}))'`]
  const slot = (time: string) => `floor((${time}+${SLOT_SLACK_S})*${sampling.fps})`
  return [`select='isnan(prev_selected_t)+gt(${slot('t')},${slot('prev_selected_t')})'`]
}

/** Before the split, so that no output shows what a mask hides. */
function masked({ masks, zones }: GraphOptions): string[] {
  if (masks.length === 0 && zones.length === 0) return []
  // With `keepSizes` positions stay those of the first size: a frame of another size gets that one first. Free otherwise.
  return [scaleFilter('iw', 'ih', EVEN_SCALER), ...maskFilters(masks)]
}

/** Unlike bicubic, it carries no colour further than one pixel of the source: less than the margin of a mask. */
const EVEN_SCALER = 'bilinear+accurate_rnd+bitexact'

/** The image as a square of `size`, cropped or padded at its displayed aspect ratio. */
function fitted({ fit, size }: GraphOptions): string[] {
  switch (fit) {
    case 'stretch':
      return [scaleFilter(size, size), 'format=rgb24']
    case 'letterbox': {
      const side = (ratio: string) => `if(gte(${ratio},1),${size},max(1,round(${size}*${ratio})))`
      return [scaleFilter(side(SEEN), side(`1/${SEEN}`)), 'format=rgb24', `pad=${size}:${size}:(ow-iw)/2:(oh-ih)/2`]
    }
    case 'crop': {
      // As CLIP does it: the shorter side becomes `size`, the longer int(size * long / short).
      const side = (ratio: string) => `if(gt(${ratio},1),trunc(${size}*${ratio}+1e-6),${size})`
      return [
        scaleFilter(side(SEEN), side(`1/${SEEN}`)),
        'format=rgb24',
        `crop=${size}:${size}:${half('iw')}:${half('ih')}:exact=1`,
      ]
    }
  }

  /** Python's round((n − size) / 2), halves to even. */
  function half(n: string): string {
    return `'if(mod(${n}-${size},2),2*floor((${n}-${size}+1)/4),(${n}-${size})/2)'`
  }
}

/** Counted rather than timed: encoders refuse two frames in one tick, and a camera's times may be that close. */
export const SNAPSHOT_TICK = '1/25'

/** With square pixels: viewers ignore the shape of a pixel that a JPEG may hold. */
function snapshot(longSide: number): string {
  const shrink = `min(1,${longSide}/(ih*max(${SEEN},1)))`
  const size = `w='max(1,round(ih*${SEEN}*${shrink}))':h='max(1,round(ih*${shrink}))'`
  return `scale=${size},setsar=1,format=yuvj420p,settb=${SNAPSHOT_TICK},setpts=N`
}

/** In its true shape with square pixels, its longer side bounded (`ImageParts`). A source that is too small sends one row. */
function detail(height: number, least: number): string {
  const upright = `min(ih,round(${height}*clip(1/${SEEN},1,${WIDEST})))`
  const rows = least > 0 ? `if(lt(ih*min(${SEEN},1),${least}),${TOO_SMALL},${upright})` : upright
  // Even, because swscale takes twice as long for RGB of odd width.
  const columns = `clip(2*round(${rows}*${SEEN}/2),2,${WIDEST}*${rows})`
  const counted = [`settb=${SNAPSHOT_TICK}`, 'setpts=N']
  return [scaleFilter(columns, rows, DETAIL_SCALER), 'setsar=1', 'format=rgb24', ...counted].join()
}

/**
 * A detail image has several times the pixels of the whole, and most of its frames are still. 1080p to 796x448 takes
 * 3 ms with it, 9 ms with `SCALER`, whose colour is twice as fine.
 */
const DETAIL_SCALER = 'area+accurate_rnd+bitexact'

/** Longer side / shorter side of a detail image at most. */
export const WIDEST = 4

/** Height of the detail that a source with too few rows sends. */
export const TOO_SMALL = 1
