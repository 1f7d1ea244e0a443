/** Draws one moment of a view: background, shadows, objects from far to near, lights, weather, sensor effects. */

import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import type { Atmosphere } from './atmosphere.ts'
import { type Camera, LOGICAL_HEIGHT, LOGICAL_WIDTH } from './createCamera.ts'
import { drawBeams, drawGlows } from './drawGlows.ts'
import { createItem } from './items/createItem.ts'
import type { Item } from './items/item.ts'
import { overlaps, shadowFall } from './lightBackdrop.ts'
import { brushAt, createLitViews, type LitView, type LitViewOptions } from './litViews.ts'
import type { Actor, ActorState } from './script/actor.ts'
import { createSensor } from './sensor.ts'
import type { View } from './views/view.ts'
import { type Wall, wallsOf } from './walls.ts'
import { drawDistractors, drawRain } from './weather.ts'

export interface SceneMoment {
  readonly seconds: number
  readonly atmosphere: Atmosphere
  readonly actors: readonly Actor[]
  /** Burnt in: top left, top right. */
  readonly lines: readonly string[]
  /** Seed of moths, rain and noise. */
  readonly seed: number
  /** False leaves out shadows, light, weather, noise and text: only objects on their background. Default true. */
  readonly effects?: boolean
}

export interface Painter {
  /** [height, width, 4] uint8 RGBA; reused by the next call. */
  paint(moment: SceneMoment): Uint8ClampedArray
}

interface PlacedItem {
  readonly item: Item
  readonly at: ActorState
}

export function createPainter(view: View, camera: Camera, options: LitViewOptions): Painter {
  const { width, height } = options
  const canvas = createCanvas(width, height)
  const surface: Surface = {
    ctx: canvas.getContext('2d'),
    width,
    height,
    view,
    camera,
    // Half the size: shadows come out soft, and those that overlap are no darker.
    shade: createCanvas(Math.ceil(width / 2), Math.ceil(height / 2)),
    walls: wallsOf(view, camera),
  }
  const { ctx } = surface
  const out = new Uint8ClampedArray(width * height * 4)
  const out32 = new Uint32Array(out.buffer)
  const expose = createSensor(width, height)
  const litView = createLitViews(view, camera, options)

  return {
    paint: moment => {
      const { atmosphere, seconds } = moment
      const lit = litView(atmosphere.light, atmosphere.weather)
      const next = atmosphere.next && litView(atmosphere.next.light, atmosphere.next.weather)
      drawBackground(surface, lit, next && { lit: next, fraction: atmosphere.next?.fraction ?? 0 })
      const { lighting } = lit
      const items = visibleItems(moment.actors, seconds, camera)
      if (moment.effects === false) {
        drawItems(surface, items, lit)
        out32.set(pixelsOf(canvas))
        return out
      }
      const glows = items.flatMap(({ item }) => item.lights)
      if (items.length > 0) drawShadows(surface, items, lit, atmosphere.cloud)
      drawBeams(ctx, camera, glows, lighting)
      drawItems(surface, items, lit)
      drawGlows(ctx, camera, glows, lighting)
      drawAir(ctx, moment, lit)
      const { noise, grey } = lighting
      const shake = shakeOf(seconds, moment.seed)
      expose(pixelsOf(canvas), out32, { noise, grey, frame: frameOf(moment), lines: moment.lines, shake })
      return out
    },
  }
}

/** Where a view is drawn. */
interface Surface {
  readonly ctx: SKRSContext2D
  readonly width: number
  readonly height: number
  readonly view: View
  readonly camera: Camera
  readonly shade: Canvas
  readonly walls: readonly Wall[]
}

function visibleItems(actors: readonly Actor[], seconds: number, camera: Camera): PlacedItem[] {
  return actors
    .map(actor => {
      const at = actor.at(seconds)
      return { item: createItem({ camera }, actor, at), at }
    })
    .filter(({ item }) => item.depth > 1.2 && item.bounds[2] > -60 && item.bounds[0] < LOGICAL_WIDTH + 60)
}

/** @param next the light that follows, blended in by a fraction */
function drawBackground(
  { ctx, width, height }: Surface,
  lit: LitView,
  next: { readonly lit: LitView; readonly fraction: number } | null,
): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  ctx.drawImage(lit.canvas, 0, 0)
  if (next) {
    ctx.globalAlpha = next.fraction
    ctx.drawImage(next.lit.canvas, 0, 0)
    ctx.globalAlpha = 1
  }
  ctx.scale(width / LOGICAL_WIDTH, height / LOGICAL_HEIGHT)
}

function drawShadows(surface: Surface, items: readonly PlacedItem[], { lighting }: LitView, cloud: number): void {
  const { ctx, shade, view, camera } = surface
  const shadeCtx = shade.getContext('2d')
  shadeCtx.setTransform(1, 0, 0, 1, 0, 0)
  shadeCtx.clearRect(0, 0, shade.width, shade.height)
  shadeCtx.scale(shade.width / LOGICAL_WIDTH, shade.height / LOGICAL_HEIGHT)
  for (const { item, at } of items) item.castShadow(shadeCtx, shadowFall(view, camera, lighting, at))
  ctx.globalAlpha = lighting.shadow * (lighting.light === 'day' ? 1 - 0.55 * cloud : 1)
  ctx.drawImage(shade, 0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
  ctx.globalAlpha = 1
}

/** Far to near; an item behind a house is drawn first and then covered by the wall. */
function drawItems({ ctx, camera, walls }: Surface, items: readonly PlacedItem[], lit: LitView): void {
  const placed = items.map(({ item, at }) => ({
    item,
    brush: brushAt(ctx, camera, lit.lighting, at),
    walls: walls.filter(wall => wall.hides(at.x, at.y)),
  }))
  const hidden = placed.filter(each => each.walls.length > 0)
  for (const { item, brush } of hidden.sort(farToNear)) item.draw(brush)
  for (const wall of new Set(hidden.flatMap(each => each.walls))) drawWall(ctx, wall, lit.canvas)
  const open = placed.filter(each => each.walls.length === 0).map(each => ({ ...each, before: [] as Item[] }))
  for (const { item, brush, before } of [...open, ...propsBefore(items, lit)].sort(farToNear)) {
    ctx.save()
    if (before.length > 0) clipTo(ctx, before)
    item.draw({ ...brush, ctx })
    ctx.restore()
  }
}

function farToNear(a: { readonly item: Item }, b: { readonly item: Item }): number {
  return b.item.depth - a.item.depth
}

/** Props that cover actors, each with those actors. Other props are part of the background, with their lamplight. */
function propsBefore(items: readonly PlacedItem[], { props }: LitView) {
  return props
    .map(prop => ({
      ...prop,
      before: items.map(({ item }) => item).filter(item => item.depth > prop.item.depth && overlaps(item, prop.item)),
    }))
    .filter(({ before }) => before.length > 0)
}

/** Clips the following drawing to the boxes of some items. */
function clipTo(ctx: SKRSContext2D, items: readonly Item[]): void {
  ctx.beginPath()
  for (const { bounds } of items) ctx.rect(bounds[0], bounds[1], bounds[2] - bounds[0], bounds[3] - bounds[1])
  ctx.clip()
}

/** Draws the background's wall over the items behind it. */
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

function drawAir(ctx: SKRSContext2D, moment: SceneMoment, { lighting }: LitView): void {
  const dim = lighting.light === 'day' || lighting.light === 'dusk' ? 0.15 * moment.atmosphere.cloud : 0
  if (dim > 0.01) {
    ctx.fillStyle = `rgba(40,46,58,${dim.toFixed(3)})`
    ctx.fillRect(0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
  }
  if (lighting.weather === 'rain') drawRain(ctx, frameOf(moment), lighting)
  drawDistractors(ctx, moment.seconds, moment.seed, lighting)
}

/** One number a pixel, without a copy. */
function pixelsOf(canvas: Canvas): Uint32Array {
  const raw = canvas.data()
  return new Uint32Array(raw.buffer, raw.byteOffset, canvas.width * canvas.height)
}

/** Noise and rain change thirty times a second. */
function frameOf(moment: SceneMoment): number {
  return Math.floor(moment.seconds * 30 + 1e-6) + moment.seed * 7919
}

/** Now and then a gust moves the pole by a pixel. */
function shakeOf(seconds: number, seed: number): readonly [number, number] {
  const gust = Math.sin(seconds * 0.21 + seed) * Math.sin(seconds * 0.083 + seed * 2)
  if (gust < 0.55) return [0, 0]
  return [Math.round(Math.sin(seconds * 9.1)), Math.round(0.8 * Math.sin(seconds * 11.7 + 1))]
}
