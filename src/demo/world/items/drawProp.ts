/** How each kind of street furniture is drawn. */

import type { Canvas } from '@napi-rs/canvas'
import type { Point3 } from '../createCamera.ts'
import { type Brush, css, fillPolygon, type Rgb, scale, throughAir } from '../paint.ts'
import type { Prop } from '../views/view.ts'

export interface PropForm {
  /** Metres. */
  readonly height: number
  /** A tree's crown, painted beforehand. */
  readonly crown: Canvas | null
  /** Where a lamp's light comes from. */
  readonly lamp: Point3
}

/** A brush for one prop: its foot, its scale and its colours at that depth. */
interface Pencil {
  readonly brush: Brush
  readonly prop: Prop
  readonly form: PropForm
  /** Logical pixels per metre. */
  readonly k: number
  tone(colour: Rgb, light?: number): string
}

export function drawProp(brush: Brush, prop: Prop, form: PropForm): void {
  const [, , depth] = brush.camera.project(prop.x, prop.y, 0)
  const tone = (colour: Rgb, light = 1) => css(throughAir(brush, scale(colour, light), depth))
  DRAWINGS[prop.kind]({ brush, prop, form, k: brush.camera.scaleAt(depth), tone })
}

const STEEL: Rgb = [82, 86, 88]

const DRAWINGS: Readonly<Record<Prop['kind'], (pencil: Pencil) => void>> = {
  lamp: drawLamp,
  tree: drawTree,
  sign: drawSign,
  bench: drawBench,
  bin: pencil => {
    const { height } = pencil.form
    drawPole(pencil, [0, height], 0.5, [62, 84, 66])
    drawPole(pencil, [height - 0.14, height], 0.54, [44, 52, 48])
  },
  bollard: pencil => {
    const { height } = pencil.form
    drawPole(pencil, [0, height], 0.16, [70, 72, 76])
    drawPole(pencil, [height - 0.2, height - 0.1], 0.17, [220, 216, 208])
  },
}

/** A round post: a dark stroke and a lighter one on its right flank. */
function drawPole(
  { brush, prop, k, tone }: Pencil,
  [from, to]: readonly [number, number],
  width: number,
  colour: Rgb,
): void {
  const { ctx, camera } = brush
  const [a, b] = [camera.project(prop.x, prop.y, from), camera.project(prop.x, prop.y, to)]
  const stroke = (light: number, metres: number, shift: number) => {
    ctx.strokeStyle = tone(colour, light)
    ctx.lineWidth = Math.max(0.8, metres * k)
    ctx.beginPath()
    ctx.moveTo(a[0] + shift * k, a[1])
    ctx.lineTo(b[0] + shift * k, b[1])
    ctx.stroke()
  }
  ctx.lineCap = 'butt'
  stroke(0.7, width, 0)
  stroke(1.1, width * 0.5, width * 0.2)
}

function drawLamp(pencil: Pencil): void {
  const { brush, prop, form, k, tone } = pencil
  const { ctx, camera } = brush
  drawPole(pencil, [0, form.height], 0.14, STEEL)
  drawPole(pencil, [0, 0.9], 0.2, STEEL)
  const [a, b] = [camera.project(prop.x, prop.y, form.height), camera.project(...form.lamp)]
  ctx.strokeStyle = tone(STEEL, 0.9)
  ctx.lineWidth = Math.max(0.8, 0.1 * k)
  ctx.beginPath()
  ctx.moveTo(a[0], a[1])
  ctx.lineTo(b[0], b[1])
  ctx.stroke()
  ctx.fillStyle = tone([96, 98, 98])
  ctx.beginPath()
  ctx.ellipse(b[0], b[1], 0.34 * k, 0.11 * k, 0, 0, 2 * Math.PI)
  ctx.fill()
}

function drawTree(pencil: Pencil): void {
  const { brush, prop, form, k } = pencil
  drawPole(pencil, [0, form.height * 0.6], 0.24, [92, 74, 58])
  if (!form.crown) return
  const [u, v] = brush.camera.project(prop.x, prop.y, form.height * 0.72)
  const side = form.height * 0.36 * k * 2.5
  brush.ctx.drawImage(form.crown, u - side / 2, v - side / 2, side, side)
}

/** A blue crossing sign. */
function drawSign(pencil: Pencil): void {
  const { brush, prop, form, k, tone } = pencil
  const { ctx } = brush
  drawPole(pencil, [0, form.height], 0.08, [120, 122, 124])
  const [u, v] = brush.camera.project(prop.x, prop.y, form.height)
  ctx.fillStyle = tone([36, 84, 160])
  ctx.fillRect(u - 0.3 * k, v - 0.3 * k, 0.6 * k, 0.6 * k)
  ctx.fillStyle = tone([230, 230, 230])
  ctx.beginPath()
  ctx.moveTo(u, v - 0.22 * k)
  ctx.lineTo(u + 0.22 * k, v + 0.2 * k)
  ctx.lineTo(u - 0.22 * k, v + 0.2 * k)
  ctx.fill()
}

function drawBench({ brush, prop, tone }: Pencil): void {
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
