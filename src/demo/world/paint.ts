/** Colours, shading and the brush that all drawing uses. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Random } from '../../util/random.ts'
import type { Camera, Point3 } from './createCamera.ts'
import type { Colour } from './world.ts'

export type Rgb = readonly [number, number, number]

export interface Brush {
  readonly ctx: SKRSContext2D
  readonly camera: Camera
  /** Unit vector towards the sun or the brightest part of the sky. */
  readonly sun: Point3
  /** How much surfaces turned to the sun stand out: 0 (overcast, night) to 1. */
  readonly contrast: number
  readonly fog: Fog
  /** Light on the object that is being drawn: a factor per channel, 1 = full daylight. */
  readonly light: Rgb
}

export interface Fog {
  readonly colour: Rgb
  /** Per metre; 0 = clear air. */
  readonly density: number
}

const SWATCHES: Readonly<Record<Colour, readonly Rgb[]>> = {
  red: [
    [196, 34, 30],
    [172, 24, 34],
    [214, 52, 42],
  ],
  blue: [
    [38, 82, 176],
    [30, 62, 140],
    [58, 112, 200],
  ],
  white: [
    [236, 236, 232],
    [224, 226, 228],
    [242, 240, 234],
  ],
  black: [
    [30, 31, 34],
    [38, 38, 40],
    [24, 25, 30],
  ],
  yellow: [
    [236, 196, 42],
    [226, 180, 30],
    [244, 210, 70],
  ],
  green: [
    [44, 122, 62],
    [34, 98, 56],
    [76, 146, 74],
  ],
  grey: [
    [132, 136, 140],
    [112, 116, 120],
    [152, 156, 160],
  ],
  brown: [
    [112, 74, 46],
    [92, 62, 42],
    [134, 94, 60],
  ],
  orange: [
    [228, 116, 30],
    [214, 100, 24],
    [238, 134, 48],
  ],
}

export const COLOURS = Object.keys(SWATCHES) as Colour[]

/** One shade of a named colour. */
export function shadeOf(colour: Colour, random: Random): Rgb {
  const [r, g, b] = random.pick(SWATCHES[colour])
  const k = random.between(0.92, 1.06)
  return [r * k, g * k, b * k]
}

export function mix(a: Rgb, b: Rgb, k: number): Rgb {
  return [a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k, a[2] + (b[2] - a[2]) * k]
}

export function scale(colour: Rgb, k: number): Rgb {
  return [colour[0] * k, colour[1] * k, colour[2] * k]
}

export function css(colour: Rgb, alpha = 1): string {
  const [r, g, b] = colour.map(value => Math.max(0, Math.min(255, Math.round(value)))) as [number, number, number]
  return alpha === 1 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${alpha.toFixed(3)})`
}

/** A colour as the camera sees it: lit, and through the air at a depth in metres. */
export function throughAir(brush: Pick<Brush, 'fog' | 'light'>, colour: Rgb, depth: number): Rgb {
  const { fog, light } = brush
  const lit: Rgb = [colour[0] * light[0], colour[1] * light[1], colour[2] * light[2]]
  return fog.density === 0 ? lit : mix(lit, fog.colour, 1 - Math.exp(-fog.density * Math.max(0, depth)))
}

/** Brightness of a surface by its normal: Lambert with a generous sky. */
export function lambert(brush: Brush, nx: number, ny: number, nz: number): number {
  const sun = nx * brush.sun[0] + ny * brush.sun[1] + nz * brush.sun[2]
  const sky = 0.72 + 0.2 * nz
  return sky + brush.contrast * 0.42 * sun
}

export function fillPolygon(ctx: SKRSContext2D, points: readonly (readonly [number, number, ...number[]])[]): void {
  ctx.beginPath()
  points.forEach(([x, y], i) => {
    if (i === 0) ctx.moveTo(x, y)
    else ctx.lineTo(x, y)
  })
  ctx.closePath()
  ctx.fill()
}

/** Smooth 0 → 1 between two edges. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = Math.max(0, Math.min(1, (x - low) / (high - low)))
  return t * t * (3 - 2 * t)
}

/** Fixed pseudo-random number in [0, 1) for an integer pair: texture that is the same in every run. */
export function hash(i: number, j: number): number {
  let h = Math.imul(i | 0, 374761393) ^ Math.imul(j | 0, 668265263)
  h = Math.imul(h ^ (h >>> 13), 1274126177)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}
