/** Paints the static part of a view in flat daylight: ground, markings and facades. Lighting is applied later. */

import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import { createRandom } from '../../util/random.ts'
import { type Camera, LOGICAL_HEIGHT, LOGICAL_WIDTH, type Point2, type Point3 } from './createCamera.ts'
import { drawFacade } from './drawFacade.ts'
import { css, fillPolygon, hash, scale } from './paint.ts'
import type { Line, Patch, View } from './views/view.ts'

export interface Backdrop {
  readonly day: Canvas
  /** What shines by itself at night, on black. */
  readonly glow: Canvas
}

/** @param variant changes colours and shop fronts, never the geometry. */
export function createBackdrop(
  view: View,
  camera: Camera,
  size: { width: number; height: number },
  variant: number,
): Backdrop {
  const day = createCanvas(size.width, size.height)
  const glow = createCanvas(size.width, size.height)
  const [ctx, shine] = [day.getContext('2d'), glow.getContext('2d')]
  for (const each of [ctx, shine]) each.scale(size.width / LOGICAL_WIDTH, size.height / LOGICAL_HEIGHT)
  shine.fillStyle = '#000'
  shine.fillRect(0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
  drawSky(ctx)
  for (const patch of view.ground) drawPatch(ctx, camera, patch, view.reach ?? 1)
  for (const line of view.lines) drawLine(ctx, camera, line)
  drawWear(ctx, camera, view, variant)
  addGrain(day, camera, size, view.reach ?? 1)
  const far = [...view.facades].sort((a, b) => reach(camera, b.from, b.to) - reach(camera, a.from, a.to))
  for (const facade of far) drawFacade({ ctx, shine, camera }, facade, createRandom(`${facade.seed}/${variant}`))
  return { day, glow }
}

function reach(camera: Camera, from: Point2, to: Point2): number {
  return camera.project((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, 2)[2]
}

function drawSky(ctx: SKRSContext2D): void {
  const sky = ctx.createLinearGradient(0, 0, 0, 120)
  sky.addColorStop(0, '#aebfd2')
  sky.addColorStop(1, '#d6dde2')
  ctx.fillStyle = sky
  ctx.fillRect(0, 0, LOGICAL_WIDTH, LOGICAL_HEIGHT)
}

/** @param reach of the view: joints are drawn as much further away. */
function drawPatch(ctx: SKRSContext2D, camera: Camera, patch: Patch, reach: number): void {
  ctx.fillStyle = css(patch.colour)
  fillPolygon(ctx, camera.polygon(patch.points.map(([x, y]): Point3 => [x, y, 0])))
  if (patch.texture !== 'slabs' && patch.texture !== 'cobbles') return
  const step = patch.joint ?? 1
  const xs = patch.points.map(([x]) => x)
  const ys = patch.points.map(([, y]) => y)
  const [x0, x1, y0, y1] = [
    Math.max(Math.min(...xs), -40 * reach),
    Math.min(Math.max(...xs), 50 * reach),
    Math.max(Math.min(...ys), 20 * (1 - reach)),
    Math.min(Math.max(...ys), 40 * reach),
  ]
  ctx.save()
  for (let y = Math.ceil(y0 / step) * step, row = 0; y < y1; y += step, row++) {
    const [, , depth] = camera.project((x0 + x1) / 2, y, 0)
    const alpha = Math.min(0.42, (4.2 * reach) / Math.max(depth, 1)) * (patch.texture === 'slabs' ? 1 : 0.7)
    ctx.strokeStyle = css(scale(patch.colour, 0.6), alpha)
    ctx.lineWidth = Math.max(0.5, camera.scaleAt(depth) * 0.022)
    stroke(ctx, camera, [x0, y, 0], [x1, y, 0])
    if (depth > 17 * reach || depth < 1) continue
    ctx.beginPath()
    for (let x = Math.ceil(x0 / step) * step + (row % 2) * step * 0.5; x < x1; x += step) {
      const [a, b] = [camera.project(x, y, 0), camera.project(x, y + step, 0)]
      if (a[2] < 1 || b[2] < 1 || a[0] < -20 || a[0] > 660) continue
      ctx.moveTo(a[0], a[1])
      ctx.lineTo(b[0], b[1])
    }
    ctx.stroke()
  }
  ctx.restore()
}

function stroke(ctx: SKRSContext2D, camera: Camera, a: Point3, b: Point3): void {
  const line = camera.polygon([a, b])
  if (line.length < 2) return
  ctx.beginPath()
  ctx.moveTo(...(line[0] as [number, number]))
  ctx.lineTo(...(line.at(-1) as [number, number]))
  ctx.stroke()
}

function drawLine(ctx: SKRSContext2D, camera: Camera, line: Line): void {
  const [dx, dy] = [line.to[0] - line.from[0], line.to[1] - line.from[1]]
  const length = Math.hypot(dx, dy)
  const [ux, uy] = [dx / length, dy / length]
  const [px, py] = [(-uy * line.width) / 2, (ux * line.width) / 2]
  const [painted, gap] = line.dash ?? [length, 0]
  for (let s = 0; s < length; s += painted + gap) {
    const e = Math.min(length, s + painted)
    const [ax, ay, bx, by] = [
      line.from[0] + ux * s,
      line.from[1] + uy * s,
      line.from[0] + ux * e,
      line.from[1] + uy * e,
    ]
    ctx.fillStyle = css(scale(line.colour, 0.93 + 0.07 * hash(Math.round(s * 7), 3)), 0.9)
    fillPolygon(
      ctx,
      camera.polygon([
        [ax + px, ay + py, 0],
        [bx + px, by + py, 0],
        [bx - px, by - py, 0],
        [ax - px, ay - py, 0],
      ]),
    )
  }
}

/** Oil, repairs and manholes: what makes a road look used. */
function drawWear(ctx: SKRSContext2D, camera: Camera, view: View, variant: number): void {
  const random = createRandom(`wear/${view.label}/${variant}`)
  for (const lane of view.lanes) {
    const [a, b] = [lane.points[0] as Point2, lane.points.at(-1) as Point2]
    for (let i = 0; i < 10; i++) {
      const k = random.next()
      const [x, y] = [
        a[0] + (b[0] - a[0]) * k + random.between(-1, 1),
        a[1] + (b[1] - a[1]) * k + random.between(-1, 1),
      ]
      const [rx, ry] = [random.between(0.3, 1.4), random.between(0.15, 0.5)]
      ctx.fillStyle = css(random.chance(0.5) ? [52, 52, 54] : [104, 104, 106], random.between(0.06, 0.2))
      fillPolygon(ctx, camera.polygon(disc(x, y, rx, ry)))
    }
    const k = random.between(0.35, 0.6)
    const [mx, my] = [a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k]
    ctx.fillStyle = 'rgba(46,46,48,0.75)'
    fillPolygon(ctx, camera.polygon(disc(mx, my, 0.34, 0.34)))
  }
}

function disc(x: number, y: number, rx: number, ry: number): Point3[] {
  return Array.from({ length: 14 }, (_, i): Point3 => {
    const angle = (i / 14) * 2 * Math.PI
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle), 0]
  })
}

/** Fine grain and broad stains, laid on the ground in perspective. */
function addGrain(canvas: Canvas, camera: Camera, size: { width: number; height: number }, reach: number): void {
  const ctx = canvas.getContext('2d')
  const image = ctx.getImageData(0, 0, size.width, size.height)
  const { data } = image
  for (let py = 0; py < size.height; py++) {
    const v = ((py + 0.5) * LOGICAL_HEIGHT) / size.height
    for (let px = 0; px < size.width; px++) {
      const spot = camera.ground(((px + 0.5) * LOGICAL_WIDTH) / size.width, v)
      if (!spot || spot[2] > 60 * reach) continue
      const fine = hash(Math.floor(spot[0] * 22), Math.floor(spot[1] * 22)) - 0.5
      const broad =
        smoothNoise(spot[0] * 0.45, spot[1] * 0.45) + 0.6 * smoothNoise(spot[0] * 1.7 + 40, spot[1] * 1.7) - 0.8
      const k = 1 + (fine * 0.16) / (1 + spot[2] * 0.05) + broad * 0.11
      const i = (py * size.width + px) * 4
      data[i] = (data[i] as number) * k
      data[i + 1] = (data[i + 1] as number) * k
      data[i + 2] = (data[i + 2] as number) * k
    }
  }
  ctx.putImageData(image, 0, 0)
}

function smoothNoise(x: number, y: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)]
  const [fx, fy] = [x - i, y - j]
  const [sx, sy] = [fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)]
  const top = hash(i, j) + (hash(i + 1, j) - hash(i, j)) * sx
  const bottom = hash(i, j + 1) + (hash(i + 1, j + 1) - hash(i, j + 1)) * sx
  return top + (bottom - top) * sy
}
