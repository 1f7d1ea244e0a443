/** Street furniture: lamps, trees, benches and the like. Trees are painted once and reused. */

import { type Canvas, createCanvas } from '@napi-rs/canvas'
import { createRandom } from '../../../util/random.ts'
import type { Camera, Point3 } from '../createCamera.ts'
import { type Brush, css, mix, type Rgb, scale, throughAir } from '../paint.ts'
import type { Prop } from '../views/view.ts'
import { drawProp } from './drawProp.ts'
import { boundsOf, type Item } from './item.ts'

const HEIGHTS: Readonly<Record<Prop['kind'], number>> = {
  lamp: 6,
  tree: 5,
  bench: 0.8,
  bin: 1,
  bollard: 0.8,
  sign: 2.6,
}

/** @param pixels device pixels per logical pixel, for the tree's own canvas. */
export function createPropItem(camera: Camera, prop: Prop, pixels: number): Item {
  const height = prop.size ?? HEIGHTS[prop.kind]
  const foot = camera.project(prop.x, prop.y, 0)
  const head = camera.project(prop.x, prop.y, height)
  const k = camera.scaleAt(foot[2])
  let crown: { canvas: Canvas; light: Rgb } | null = null
  const reach = prop.kind === 'tree' ? height * 0.36 * k : 0.2 * k
  return {
    depth: foot[2],
    bounds: boundsOf([foot, head], reach),
    draw: brush => {
      if (prop.kind === 'tree' && crown?.light !== brush.light) {
        crown = { canvas: paintCrown(brush, height * 0.36 * k, pixels, prop, foot[2]), light: brush.light }
      }
      drawProp(brush, prop, { height, crown: crown?.canvas ?? null, lamp: lampHead(prop) })
    },
    castShadow: (ctx, fall) => {
      const at = (z: number): readonly [number, number] => fall([prop.x, prop.y, z])
      ctx.lineCap = 'round'
      ctx.lineWidth = (prop.kind === 'tree' ? 0.24 : prop.kind === 'lamp' || prop.kind === 'sign' ? 0.1 : 0.4) * k
      ctx.beginPath()
      ctx.moveTo(...(at(0) as [number, number]))
      ctx.lineTo(...(at(height * (prop.kind === 'tree' ? 0.5 : 1)) as [number, number]))
      ctx.stroke()
      if (prop.kind !== 'tree') return
      for (let i = 0; i < 7; i++) {
        const [u, v] = fall([
          prop.x + 1.1 * Math.cos(i * 2.4) * (i / 7),
          prop.y + 1.1 * Math.sin(i * 2.4) * (i / 7),
          height * (0.6 + 0.05 * i),
        ])
        ctx.beginPath()
        ctx.ellipse(u, v, height * 0.2 * k, height * 0.11 * k, 0, 0, 2 * Math.PI)
        ctx.fill()
      }
    },
    lights: [],
  }
}

/** A tree's crown in the image: centre, radius and depth. */
export function crownOf(camera: Camera, prop: Prop): { x: number; y: number; radius: number; depth: number } {
  const height = prop.size ?? HEIGHTS.tree
  const depth = camera.project(prop.x, prop.y, 0)[2]
  const [x, y] = camera.project(prop.x, prop.y, height * 0.72)
  return { x, y, radius: height * 0.36 * camera.scaleAt(depth), depth }
}

/** Where a lamp's light comes from. */
export function lampHead(prop: Prop): Point3 {
  const heading = prop.heading ?? 0
  return [prop.x + 1.1 * Math.cos(heading), prop.y + 1.1 * Math.sin(heading), (prop.size ?? HEIGHTS.lamp) - 0.1]
}

function paintCrown(brush: Brush, radius: number, pixels: number, prop: Prop, depth: number): Canvas {
  const side = Math.max(8, Math.ceil(radius * 2.5 * pixels))
  const canvas = createCanvas(side, side)
  const ctx = canvas.getContext('2d')
  ctx.scale(pixels, pixels)
  ctx.translate(side / pixels / 2, side / pixels / 2)
  const random = createRandom(`tree/${prop.x}/${prop.y}`)
  const green: Rgb = random.pick([
    [74, 104, 50],
    [88, 112, 56],
    [64, 96, 58],
  ])
  for (let i = 0; i < 150; i++) {
    const angle = random.between(0, 2 * Math.PI)
    const r = radius * Math.sqrt(random.next()) * 0.98
    const [x, y] = [r * Math.cos(angle), r * Math.sin(angle) * 0.86]
    const light = 0.62 + 0.5 * (i / 150) - (0.28 * y) / radius - 0.12 * (x / radius)
    ctx.fillStyle = css(
      throughAir(brush, mix(scale(green, light), [190, 190, 90], random.between(0, 0.14)), depth),
      0.88,
    )
    ctx.beginPath()
    ctx.ellipse(
      x,
      y,
      radius * random.between(0.07, 0.17),
      radius * random.between(0.06, 0.13),
      random.between(0, 3),
      0,
      2 * Math.PI,
    )
    ctx.fill()
  }
  return canvas
}
