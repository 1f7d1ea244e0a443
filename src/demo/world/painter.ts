/** Draws a moment of a view: lit background, shadows, things from far to near, lights, weather, then the camera's own marks. */

import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import type { Atmosphere } from './atmosphere.ts'
import { type Backdrop, createBackdrop } from './backdrop.ts'
import { type Camera, LOGICAL_HEIGHT, LOGICAL_WIDTH } from './camera.ts'
import { drawBeams, drawGlows } from './glow.ts'
import { createLighting, type Lighting } from './light.ts'
import type { Brush } from './paint.ts'
import type { Actor } from './script/actor.ts'
import { createSensor } from './sensor.ts'
import { drawLamps, lightBackdrop, overlaps, shadowFall } from './stage.ts'
import { createItem } from './things/createItem.ts'
import { createPropItem } from './things/props.ts'
import type { Item } from './things/types.ts'
import type { Light, Weather } from './types.ts'
import type { View } from './views/view.ts'
import { type Wall, wallsOf } from './walls.ts'
import { drawDistractors, drawRain } from './weather.ts'

export interface PainterOptions {
  readonly width: number
  readonly height: number
  /** Which colours the houses wear: any integer. */
  readonly variant: number
}

export interface Moment {
  readonly seconds: number
  readonly atmosphere: Atmosphere
  readonly actors: readonly Actor[]
  /** Burnt in at the top. */
  readonly lines: readonly string[]
  /** Seed of moths, rain and noise. */
  readonly seed: number
  /** Softness, noise, shake, weather and shadows; left out when a test compares pictures. Default true. */
  readonly effects?: boolean
}

export interface Painter {
  readonly camera: Camera
  /** [height, width, 4] uint8 RGBA; reused by the next call. */
  paint(moment: Moment): Uint8ClampedArray
}

interface Look {
  readonly lighting: Lighting
  readonly canvas: Canvas
  readonly props: readonly { readonly item: Item; readonly brush: Brush }[]
}

export function createPainter(view: View, camera: Camera, options: PainterOptions): Painter {
  const { width, height } = options
  const canvas = createCanvas(width, height)
  const ctx = canvas.getContext('2d')
  const shade = createCanvas(Math.ceil(width / 2), Math.ceil(height / 2))
  const shadeCtx = shade.getContext('2d')
  const out = new Uint8ClampedArray(width * height * 4)
  const out32 = new Uint32Array(out.buffer)
  const expose = createSensor(width, height)
  const looks = new Map<string, Look>()
  const walls = wallsOf(view, camera)
  let backdrop: Backdrop | null = null

  const lookOf = (light: Light, weather: Weather): Look => {
    const key = `${light}/${weather}`
    const known = looks.get(key)
    if (known) return known
    backdrop ??= createBackdrop(view, camera, options, options.variant)
    const made = createLook(view, camera, backdrop, createLighting(view, camera, light, weather))
    looks.set(key, made)
    return made
  }

  return {
    camera,
    paint: moment => {
      const { atmosphere, seconds } = moment
      const effects = moment.effects ?? true
      const look = lookOf(atmosphere.light, atmosphere.weather)
      const { lighting } = look
      ctx.setTransform(1, 0, 0, 1, 0, 0)
      ctx.drawImage(look.canvas, 0, 0)
      if (atmosphere.next) {
        ctx.globalAlpha = atmosphere.next.share
        ctx.drawImage(lookOf(atmosphere.next.light, atmosphere.next.weather).canvas, 0, 0)
        ctx.globalAlpha = 1
      }
      const things = moment.actors
        .map(actor => {
          const at = actor.at(seconds)
          return { item: createItem({ camera }, actor, at), at }
        })
        .filter(({ item }) => item.depth > 1.2 && item.bounds[2] > -60 && item.bounds[0] < LOGICAL_WIDTH + 60)
      if (effects && things.length > 0) {
        shadeCtx.setTransform(1, 0, 0, 1, 0, 0)
        shadeCtx.clearRect(0, 0, shade.width, shade.height)
        shadeCtx.scale(shade.width / LOGICAL_WIDTH, shade.height / LOGICAL_HEIGHT)
        for (const { item, at } of things) item.castShadow(shadeCtx, shadowFall(view, camera, lighting, at.x, at.y))
        ctx.globalAlpha = lighting.shadow * (lighting.light === 'day' ? 1 - 0.55 * atmosphere.cloud : 1)
        ctx.drawImage(shade, 0, 0, width, height)
        ctx.globalAlpha = 1
      }
      ctx.scale(width / LOGICAL_WIDTH, height / LOGICAL_HEIGHT)
      const glows = things.flatMap(({ item }) => item.lights)
      if (effects && lighting.glow > 0) drawBeams(ctx, camera, glows, lighting)
      const drawn = [
        ...things.map(({ item, at }) => ({
          item,
          brush: brushOf(ctx, camera, lighting, at.x, at.y),
          walls: walls.filter(wall => wall.hides(at.x, at.y)),
        })),
        ...look.props
          .filter(prop => things.some(({ item }) => item.depth > prop.item.depth && overlaps(item, prop.item)))
          .map(prop => ({ ...prop, walls: [] as Wall[] })),
      ].sort((a, b) => b.item.depth - a.item.depth)
      const hidden = drawn.filter(({ walls: before }) => before.length > 0)
      for (const { item, brush } of hidden) item.draw({ ...brush, ctx })
      for (const wall of new Set(hidden.flatMap(({ walls: before }) => before))) drawWall(ctx, wall, look.canvas)
      for (const { item, brush, walls: before } of drawn) if (before.length === 0) item.draw({ ...brush, ctx })
      if (effects) {
        drawGlows(ctx, camera, glows, lighting)
        finish(ctx, moment, lighting)
      }
      const raw = canvas.data()
      const pixels = new Uint32Array(raw.buffer, raw.byteOffset, width * height)
      if (effects) {
        expose(pixels, out32, {
          noise: lighting.noise,
          grey: lighting.grey,
          frame: frameOf(moment),
          lines: moment.lines,
          shake: shakeOf(seconds, moment.seed),
        })
      } else out32.set(pixels)
      return out
    },
  }
}

function createLook(view: View, camera: Camera, backdrop: Backdrop, lighting: Lighting): Look {
  const canvas = lightBackdrop(backdrop, view, camera, lighting)
  const ctx = canvas.getContext('2d')
  const pixels = canvas.height / LOGICAL_HEIGHT
  const props = view.props
    .map(prop => ({
      item: createPropItem(camera, prop, pixels),
      brush: brushOf(ctx, camera, lighting, prop.x, prop.y),
      prop,
    }))
    .sort((a, b) => b.item.depth - a.item.depth)
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  ctx.scale(canvas.width / LOGICAL_WIDTH, canvas.height / LOGICAL_HEIGHT)
  const shade = createCanvas(Math.ceil(canvas.width / 3), Math.ceil(canvas.height / 3))
  const shadeCtx = shade.getContext('2d')
  shadeCtx.scale(shade.width / LOGICAL_WIDTH, shade.height / LOGICAL_HEIGHT)
  for (const { item, prop } of props) item.castShadow(shadeCtx, shadowFall(view, camera, lighting, prop.x, prop.y))
  ctx.globalAlpha = lighting.shadow * 0.75
  ctx.drawImage(shade, 0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
  ctx.globalAlpha = 1
  for (const { item, brush } of props) item.draw(brush)
  if (lighting.glow > 0) drawLamps(canvas, view, camera, lighting.glow)
  return { lighting, canvas, props }
}

/** Puts the background's wall over what stands behind it. */
function drawWall(ctx: SKRSContext2D, wall: Wall, background: Canvas): void {
  ctx.save()
  ctx.beginPath()
  wall.outline.forEach(([x, y], i) => {
    if (i === 0) ctx.moveTo(x, y)
    else ctx.lineTo(x, y)
  })
  ctx.clip()
  ctx.drawImage(background, 0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
  ctx.restore()
}

function brushOf(ctx: SKRSContext2D, camera: Camera, lighting: Lighting, x: number, y: number): Brush {
  return { ctx, camera, sun: lighting.sun, contrast: lighting.contrast, fog: lighting.fog, light: lighting.at(x, y) }
}

function finish(ctx: SKRSContext2D, moment: Moment, lighting: Lighting): void {
  if (lighting.light === 'day' || lighting.light === 'dusk') {
    const dim = 0.15 * moment.atmosphere.cloud
    if (dim > 0.01) {
      ctx.fillStyle = `rgba(40,46,58,${dim.toFixed(3)})`
      ctx.fillRect(0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
    }
  }
  if (lighting.weather === 'rain') drawRain(ctx, frameOf(moment), lighting)
  drawDistractors(ctx, moment.seconds, moment.seed, lighting)
}

/** Noise and rain change thirty times a second. */
function frameOf(moment: Moment): number {
  return Math.floor(moment.seconds * 30 + 1e-6) + moment.seed * 7919
}

/** Now and then a gust moves the pole by a pixel. */
function shakeOf(seconds: number, seed: number): readonly [number, number] {
  const gust = Math.sin(seconds * 0.21 + seed) * Math.sin(seconds * 0.083 + seed * 2)
  if (gust < 0.55) return [0, 0]
  return [Math.round(Math.sin(seconds * 9.1)), Math.round(0.8 * Math.sin(seconds * 11.7 + 1))]
}
