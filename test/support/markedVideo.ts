/** Videos with a marker at a known place, and where the parts of their frames show it. */

import { expect } from 'vitest'
import type { Box, Point, Zone } from '../../src/types.ts'
import { WHOLE_IMAGE, zoneBox } from '../../src/util/polygon.ts'
import { type Parts, type Picture, paint } from './partsOfVideo.ts'

/** A red marker on grey, its place in fractions of the image. */
export const MARKER: Box = { x: 0.55, y: 0.2, width: 0.2, height: 0.25 }
export const corners = ({ x, y, width, height }: Box): readonly Point[] => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
]
export const ZONES: readonly Zone[] = [
  { name: 'gate', polygon: corners(MARKER) },
  { name: 'road', polygon: corners({ x: 0.3, y: 0.1, width: 0.6, height: 0.7 }) },
]
const BOXES: Readonly<Record<string, Box>> = Object.fromEntries(
  ZONES.map(({ name, polygon }) => [name, zoneBox(polygon)]),
)

export function scene(width: number, height: number, { x, y, width: wide, height: high }: Box = MARKER): Picture {
  return paint(width, height, (column, row) =>
    column >= x && column < x + wide && row >= y && row < y + high ? [255, 0, 0] : [90, 90, 90],
  )
}

/** How much more red than green its reddest pixel is. */
export function redness({ pixels }: Picture): number {
  return pixels.reduce((most, value, i) => (i % 3 === 0 ? Math.max(most, value - (pixels[i + 1] as number)) : most), 0)
}

/** The place of the marker in fractions of the camera's image, whichever part of it `image` shows. */
function markerIn({ width, height, pixels }: Picture, box: Box) {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 3
      if ((pixels[at] as number) - (pixels[at + 1] as number) < 128) continue
      left = Math.min(left, column)
      right = Math.max(right, column + 1)
      top = Math.min(top, row)
      bottom = Math.max(bottom, row + 1)
    }
  const x = (column: number) => box.x + (column / width) * box.width
  const y = (row: number) => box.y + (row / height) * box.height
  return { left: x(left), top: y(top), right: x(right), bottom: y(bottom) }
}

/** Every part shows the marker where it is, to within a pixel of the part and two of the source. */
export function expectMarker(parts: Parts, [width, height]: readonly [number, number]): void {
  for (const [part, image] of parts) {
    const box = BOXES[part] ?? WHOLE_IMAGE
    const found = markerIn(image, box)
    const across = box.width / image.width + 2 / width
    const down = box.height / image.height + 2 / height
    expect(Math.abs(found.left - MARKER.x), `${part} left`).toBeLessThanOrEqual(across)
    expect(Math.abs(found.right - MARKER.x - MARKER.width), `${part} right`).toBeLessThanOrEqual(across)
    expect(Math.abs(found.top - MARKER.y), `${part} top`).toBeLessThanOrEqual(down)
    expect(Math.abs(found.bottom - MARKER.y - MARKER.height), `${part} bottom`).toBeLessThanOrEqual(down)
  }
}
