/** One camera's light over time: day, night, or the colourless image of an infrared lamp. */

import type { Light } from '../../types.ts'
import { type Hidden, wholeGrid } from './lumaBlocks.ts'

export interface LightState {
  readonly light: Light
  /** The light that the latest frames show instead, since when, and in how many frames in a row. */
  readonly next: { readonly light: Light; readonly since: number; readonly frames: number } | null
}

/** Samples per side: 56 · 56 pixels of an image of any size. */
const SAMPLES = 56
/**
 * Mean difference between the largest and the smallest of R, G and B, 0 to 255. An infrared image has 0 to 2 after
 * compression, a foggy day 8 and more. Between the two values the light stays what it was.
 */
const COLOURLESS = { below: 4, above: 8 }
/** Mean luma, 0 to 255. */
const DARK = { below: 45, above: 65 }
/** Mean luma of a colourless image without any lamp: a black image is night, not infrared. */
const UNLIT = { below: 6, above: 12 }
/** So many frames in a row must show another light: one flash of lightning or of headlights is none. */
const LEAST_FRAMES = 2
/** Between day and night, ms: headlights pass. The lamp of a camera switches within a frame. */
const DUSK_MS = 3000

/**
 * @param state of the frame before; null for the first one
 * @param at frame time, ms
 */
export function lightStep(state: LightState | null, measured: Brightness, at: number): LightState {
  if (state === null) return { light: lightOf(measured, null), next: null }
  const { light, next } = state
  const seen = lightOf(measured, light)
  if (seen === light) return next === null ? state : { light, next: null }
  const continues = next?.light === seen && at >= next.since
  const candidate = continues ? { ...next, frames: next.frames + 1 } : { light: seen, since: at, frames: 1 }
  const leastMs = light === 'infrared' || seen === 'infrared' ? 0 : DUSK_MS
  const isCertain = candidate.frames >= LEAST_FRAMES && at - candidate.since >= leastMs
  return isCertain ? { light: seen, next: null } : { light, next: candidate }
}

/** Means over the samples, 0 to 255. */
export interface Brightness {
  readonly luma: number
  readonly chroma: number
}

/** @param pixels [size, size, 3] uint8 RGB; @param hidden blocks of the whole grid that lie under masks */
export function brightnessOf(pixels: Uint8Array, size: number, hidden: Hidden = null): Brightness {
  const { columns, rows } = wholeGrid(size)
  const step = Math.max(1, Math.floor(size / SAMPLES))
  let luma = 0
  let chroma = 0
  let count = 0
  for (let y = step >> 1; y < size; y += step)
    for (let x = step >> 1; x < size; x += step) {
      if (hidden?.[Math.floor((y * rows) / size) * columns + Math.floor((x * columns) / size)]) continue
      const p = (y * size + x) * 3
      const red = pixels[p]!
      const green = pixels[p + 1]!
      const blue = pixels[p + 2]!
      luma += red + 2 * green + blue
      chroma += Math.max(red, green, blue) - Math.min(red, green, blue)
      count += 1
    }
  const samples = Math.max(1, count)
  return { luma: luma / (4 * samples), chroma: chroma / samples }
}

/** @param current the light until now: it stays while the measurements lie between the two bounds */
function lightOf({ luma, chroma }: Brightness, current: Light | null): Light {
  const [mostChroma, leastLuma] =
    current === 'infrared' ? [COLOURLESS.above, UNLIT.below] : [COLOURLESS.below, UNLIT.above]
  if (chroma < mostChroma && luma >= leastLuma) return 'infrared'
  return luma < (current === 'night' ? DARK.above : DARK.below) ? 'night' : 'day'
}
