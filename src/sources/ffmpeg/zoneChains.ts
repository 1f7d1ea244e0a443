/** The part of a filter graph that makes the zones' images. */

import type { Box, Zone } from '../../types.ts'
import { zoneBox } from '../../util/polygon.ts'
import { scaleFilter } from './scaleFilter.ts'

/** Each zone as a square of `size`, from top to bottom in the order of `zones`. One frame in, one frame out at once. */
export function zoneChains(zones: readonly Zone[], size: number, { from, to }: { from: string; to: string }): string[] {
  const cut = (zone: Zone) => [crop(zoneBox(zone.polygon)), scaleFilter(size, size), 'setsar=1', 'format=rgb24'].join()
  const [only, ...others] = zones
  if (only && others.length === 0) return [`${from}${cut(only)}${to}`]
  const [parts, squares] = [zones.map((_, i) => `[z${i}]`), zones.map((_, i) => `[s${i}]`)]
  return [
    // `vstack` joins frames of one time. Counted, so that frames of one tick stay apart.
    `${from}settb=1/25,setpts=N,split=${zones.length}${parts.join('')}`,
    ...zones.map((zone, i) => `${parts[i]}${cut(zone)}${squares[i]}`),
    `${squares.join('')}vstack=inputs=${zones.length}${to}`,
  ]
}

/**
 * At least 2x2 pixels, inside the image. At even positions: from odd ones ffmpeg's `crop` takes half of a 10-bit sample, and
 * the wrong colour of NV12.
 */
function crop({ x, y, width, height }: Box): string {
  const side = (size: string, fraction: number) => `min(${size},max(2,round(${size}*${digits(fraction)})))`
  const place = (size: string, used: string, fraction: number) =>
    `2*floor(min(${size}-${used},round(${size}*${digits(fraction)}))/2)`
  return [
    `crop=w='${side('iw', width)}':h='${side('ih', height)}'`,
    `x='${place('iw', 'ow', x)}':y='${place('ih', 'oh', y)}':exact=1`,
  ].join(':')
}

function digits(value: number): number {
  return Number(value.toFixed(5))
}
