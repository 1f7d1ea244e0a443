/** Street furniture: lamps, trees, benches and the like. Trees are painted once and reused. */

import { type Canvas, createCanvas } from '@napi-rs/canvas'
import { createRandom } from '../../../util/random.ts'
import type { Camera, Point3 } from '../camera.ts'
import { type Brush, css, fillPolygon, mix, type Rgb, scale, throughAir } from '../paint.ts'
import type { Prop } from '../views/view.ts'
import { boundsOf, type Item } from './types.ts'

const HEIGHTS: Readonly<Record<Prop['kind'], number>> = {
  lamp: 6,
  tree: 5,
  bench: 0.8,
  bin: 1,
  bollard: 0.8,
  planter: 0.7,
  kiosk: 2.6,
  sign: 2.6,
  hydrant: 0.7,
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
      drawProp(brush, prop, height, crown?.canvas ?? null)
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

/** A tree's crown on the picture: middle, radius and depth. */
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

function drawProp(brush: Brush, prop: Prop, height: number, crown: Canvas | null): void {
  const { ctx, camera } = brush
  const foot = camera.project(prop.x, prop.y, 0)
  const k = camera.scaleAt(foot[2])
  const tone = (colour: Rgb, light = 1) => css(throughAir(brush, scale(colour, light), foot[2]))
  const pole = (from: number, to: number, width: number, colour: Rgb, light = 1) => {
    const [a, b] = [camera.project(prop.x, prop.y, from), camera.project(prop.x, prop.y, to)]
    ctx.lineCap = 'butt'
    for (const [w, c, shift] of [
      [width, 0.7 * light, 0],
      [width * 0.5, light * 1.1, width * 0.2],
    ] as const) {
      ctx.strokeStyle = tone(colour, c)
      ctx.lineWidth = Math.max(0.8, w * k)
      ctx.beginPath()
      ctx.moveTo(a[0] + shift * k, a[1])
      ctx.lineTo(b[0] + shift * k, b[1])
      ctx.stroke()
    }
  }
  switch (prop.kind) {
    case 'lamp': {
      pole(0, height, 0.14, [82, 86, 88])
      pole(0, 0.9, 0.2, [82, 86, 88])
      const [a, b] = [camera.project(prop.x, prop.y, height), camera.project(...lampHead(prop))]
      ctx.strokeStyle = tone([82, 86, 88], 0.9)
      ctx.lineWidth = Math.max(0.8, 0.1 * k)
      ctx.beginPath()
      ctx.moveTo(a[0], a[1])
      ctx.lineTo(b[0], b[1])
      ctx.stroke()
      ctx.fillStyle = tone([96, 98, 98])
      ctx.beginPath()
      ctx.ellipse(b[0], b[1], 0.34 * k, 0.11 * k, 0, 0, 2 * Math.PI)
      ctx.fill()
      return
    }
    case 'tree': {
      pole(0, height * 0.6, 0.24, [92, 74, 58])
      if (!crown) return
      const [u, v] = camera.project(prop.x, prop.y, height * 0.72)
      const side = height * 0.36 * k * 2.5
      ctx.drawImage(crown, u - side / 2, v - side / 2, side, side)
      return
    }
    case 'sign': {
      pole(0, height, 0.08, [120, 122, 124])
      const [u, v] = camera.project(prop.x, prop.y, height)
      ctx.fillStyle = tone([36, 84, 160])
      ctx.fillRect(u - 0.3 * k, v - 0.3 * k, 0.6 * k, 0.6 * k)
      ctx.fillStyle = tone([230, 230, 230])
      ctx.beginPath()
      ctx.moveTo(u, v - 0.22 * k)
      ctx.lineTo(u + 0.22 * k, v + 0.2 * k)
      ctx.lineTo(u - 0.22 * k, v + 0.2 * k)
      ctx.fill()
      return
    }
    case 'bin':
      pole(0, height, 0.5, [62, 84, 66])
      pole(height - 0.14, height, 0.54, [44, 52, 48])
      return
    case 'bollard':
      pole(0, height, 0.16, [70, 72, 76])
      pole(height - 0.2, height - 0.1, 0.17, [220, 216, 208])
      return
    case 'hydrant':
      pole(0, height, 0.24, [168, 44, 36])
      pole(height * 0.55, height * 0.7, 0.4, [150, 40, 34])
      return
    case 'bench':
      drawBench(brush, prop, tone)
      return
    case 'planter':
    case 'kiosk':
      pole(0, height, 1.3, [140, 132, 122])
      pole(height, height + 0.4, 1.1, [84, 112, 60])
  }
}

function drawBench(brush: Brush, prop: Prop, tone: (colour: Rgb, light?: number) => string): void {
  const heading = prop.heading ?? 0
  const [fx, fy] = [Math.cos(heading), Math.sin(heading)]
  const at = (forward: number, left: number, up: number): Point3 => [
    prop.x + forward * fx - left * fy,
    prop.y + forward * fy + left * fx,
    up,
  ]
  const board = (points: Point3[], style: string) => {
    brush.ctx.fillStyle = style
    fillPolygon(brush.ctx, brush.camera.polygon(points))
  }
  for (const side of [0.75, -0.75])
    board([at(0.25, side, 0), at(-0.2, side, 0), at(-0.2, side, 0.45), at(0.25, side, 0.45)], tone([60, 60, 62]))
  board([at(0.28, 0.9, 0.45), at(0.28, -0.9, 0.45), at(-0.2, -0.9, 0.45), at(-0.2, 0.9, 0.45)], tone([150, 108, 70]))
  board([at(-0.2, 0.9, 0.52), at(-0.2, -0.9, 0.52), at(-0.3, -0.9, 0.9), at(-0.3, 0.9, 0.9)], tone([134, 94, 60]))
  board([at(0.28, 0.9, 0.39), at(0.28, -0.9, 0.39), at(0.28, -0.9, 0.45), at(0.28, 0.9, 0.45)], tone([110, 78, 50]))
}
