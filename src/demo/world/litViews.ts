/** Caches the background of a view under each lighting and weather, created at first use. */

import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import { type Backdrop, createBackdrop } from './backdrop.ts'
import { type Camera, LOGICAL_HEIGHT, LOGICAL_WIDTH } from './createCamera.ts'
import { createPropItem } from './items/createPropItem.ts'
import type { Item } from './items/item.ts'
import { drawLamps, lightBackdrop, shadowFall } from './lightBackdrop.ts'
import { createLighting, type Lighting } from './lighting.ts'
import type { Brush } from './paint.ts'
import type { View } from './views/view.ts'
import type { Light, Weather } from './world.ts'

export interface LitView {
  readonly lighting: Lighting
  /** The lit background without moving objects. */
  readonly canvas: Canvas
  /** Furniture, far to near: drawn again where it stands before an actor. */
  readonly props: readonly { readonly item: Item; readonly brush: Brush }[]
}

export interface LitViewOptions {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Selects the colours of the facades; any integer. */
  readonly variant: number
}

export function createLitViews(
  view: View,
  camera: Camera,
  options: LitViewOptions,
): (light: Light, weather: Weather) => LitView {
  const views = new Map<string, LitView>()
  let backdrop: Backdrop | null = null
  return (light, weather) => {
    const key = `${light}/${weather}`
    const known = views.get(key)
    if (known) return known
    backdrop ??= createBackdrop(view, camera, options, options.variant)
    const made = createLitView(view, camera, backdrop, createLighting(view, camera, light, weather))
    views.set(key, made)
    return made
  }
}

export function brushAt(ctx: SKRSContext2D, camera: Camera, lighting: Lighting, spot: { x: number; y: number }): Brush {
  const { sun, contrast, fog } = lighting
  return { ctx, camera, sun, contrast, fog, light: lighting.at(spot.x, spot.y) }
}

function createLitView(view: View, camera: Camera, backdrop: Backdrop, lighting: Lighting): LitView {
  const canvas = lightBackdrop(backdrop, view, camera, lighting)
  const ctx = canvas.getContext('2d')
  const pixels = canvas.height / LOGICAL_HEIGHT
  const props = view.props
    .map(prop => ({
      item: createPropItem(camera, prop, pixels),
      brush: brushAt(ctx, camera, lighting, prop),
      prop,
    }))
    .sort((a, b) => b.item.depth - a.item.depth)
  // A third of the size: shadows come out soft, and those that overlap are no darker.
  const shade = createCanvas(Math.ceil(canvas.width / 3), Math.ceil(canvas.height / 3))
  const shadeCtx = shade.getContext('2d')
  shadeCtx.scale(shade.width / LOGICAL_WIDTH, shade.height / LOGICAL_HEIGHT)
  for (const { item, prop } of props) item.castShadow(shadeCtx, shadowFall(view, camera, lighting, prop))
  ctx.setTransform(1, 0, 0, 1, 0, 0)
  ctx.scale(canvas.width / LOGICAL_WIDTH, canvas.height / LOGICAL_HEIGHT)
  ctx.globalAlpha = lighting.shadow * 0.75
  ctx.drawImage(shade, 0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
  ctx.globalAlpha = 1
  for (const { item, brush } of props) item.draw(brush)
  if (lighting.glow > 0) drawLamps(canvas, view, camera, lighting.glow)
  return { lighting, canvas, props }
}
