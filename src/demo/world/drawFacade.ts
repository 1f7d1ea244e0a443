/** Draws facades: shops with signs and awnings, flats and offices with windows, some of them lit at night. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Random } from '../../util/random.ts'
import type { Camera, Point3 } from './createCamera.ts'
import { css, fillPolygon, mix, type Rgb, scale } from './paint.ts'
import type { Facade } from './views/view.ts'

interface Wall {
  readonly ctx: SKRSContext2D
  readonly shine: SKRSContext2D
  readonly camera: Camera
}

type Rect = (u0: number, v0: number, u1: number, v1: number, colour: Rgb, alpha?: number) => void

export function drawFacade(wall: Wall, facade: Facade, random: Random): void {
  const [dx, dy] = [facade.to[0] - facade.from[0], facade.to[1] - facade.from[1]]
  const length = Math.hypot(dx, dy)
  const at = (u: number, v: number, out = 0): Point3 => [
    facade.from[0] + (dx * u) / length + (dy * out) / length,
    facade.from[1] + (dy * u) / length - (dx * out) / length,
    v,
  ]
  const area = (ctx: SKRSContext2D, points: Point3[], style: string) => {
    ctx.fillStyle = style
    fillPolygon(ctx, wall.camera.polygon(points))
  }
  const rect: Rect = (u0, v0, u1, v1, colour, alpha = 1) =>
    area(wall.ctx, [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)], css(colour, alpha))
  const light: Rect = (u0, v0, u1, v1, colour, alpha = 1) =>
    area(wall.shine, [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)], css(colour, alpha))
  const front = { rect, light, at, area: (points: Point3[], style: string) => area(wall.ctx, points, style) }

  const tint = random.between(0.88, 1.08)
  const base = mix(
    scale(facade.colour, tint),
    [random.between(110, 200), random.between(110, 180), random.between(100, 170)],
    0.18,
  )
  rect(0, 0, length, facade.height, base)
  light(0, 0, length, facade.height, [0, 0, 0])
  drawCourses(rect, length, facade.height, base)
  if (facade.style === 'shops') drawShops(front, length, base, random)
  else if (facade.style === 'office') drawOffice(front, length, facade.height, random)
  else if (facade.style === 'flats') drawFlats(front, length, base, random)
  if (facade.style !== 'office') drawUpperWindows(front, length, facade.height, base, random)
  rect(0, 0, length, 0.35, scale(base, 0.62), 0.7)
  rect(0, 0, 0.14, facade.height, scale(base, 0.7))
}

interface Front {
  readonly rect: Rect
  readonly light: Rect
  at(u: number, v: number, out?: number): Point3
  area(points: Point3[], style: string): void
}

function drawCourses(rect: Rect, length: number, height: number, base: Rgb): void {
  for (let v = 0.5; v < Math.min(height, 8); v += 0.5) rect(0, v, length, v + 0.035, scale(base, 0.86), 0.6)
}

function drawShops(front: Front, length: number, base: Rgb, random: Random): void {
  const count = Math.max(1, Math.round(length / 5.6))
  const width = length / count
  for (let i = 0; i < count; i++) {
    const u = i * width
    const hue = random.pick<Rgb>([
      [120, 44, 40],
      [38, 72, 100],
      [48, 88, 64],
      [60, 58, 64],
      [150, 120, 60],
      [96, 70, 96],
    ])
    const lit = random.chance(0.55)
    front.rect(u + 0.3, 0, u + width - 0.3, 3.1, scale(hue, 0.5))
    const door = random.chance(0.5) ? u + 0.5 : u + width - 1.6
    const panes: [number, number][] =
      door < u + width / 2 ? [[u + 1.8, u + width - 0.55]] : [[u + 0.55, u + width - 1.9]]
    for (const [a, b] of panes) {
      front.rect(a, 0.5, b, 2.5, [70, 84, 94])
      front.rect(a, 1.5, b, 2.5, [112, 128, 138], 0.55)
      front.area(
        [front.at(a + 0.2, 0.5), front.at(a + 0.9, 0.5), front.at(a + 1.7, 2.5), front.at(a + 1, 2.5)],
        'rgba(210,222,230,0.18)',
      )
      front.rect((a + b) / 2 - 0.04, 0.5, (a + b) / 2 + 0.04, 2.5, scale(hue, 0.6))
      for (let k = 0; k < 4; k++) {
        const s = a + 0.15 + ((b - a - 0.5) * k) / 4
        front.rect(
          s,
          0.55,
          s + random.between(0.25, 0.5),
          random.between(0.8, 1.3),
          [random.between(80, 200), random.between(70, 170), random.between(70, 150)],
          0.7,
        )
      }
      if (lit) front.light(a, 0.5, b, 2.5, [150, 120, 74], 0.8)
    }
    front.rect(door, 0, door + 1.05, 2.3, [54, 50, 48])
    front.rect(door + 0.14, 0.7, door + 0.91, 2.15, [98, 112, 120])
    if (lit) front.light(door + 0.14, 0.7, door + 0.91, 2.15, [130, 104, 66], 0.6)
    front.rect(u + 0.3, 2.62, u + width - 0.3, 3.2, hue)
    drawSign(front, u + 0.9, u + width - 0.9, random, lit)
    if (random.chance(0.45)) drawAwning(front, u + 0.45, u + width - 0.45, hue)
  }
  front.rect(0, 3.28, length, 3.5, mix(base, [230, 228, 220], 0.5))
}

/** Letters too far away to read. */
function drawSign(front: Front, from: number, to: number, random: Random, lit: boolean): void {
  for (let u = from; u < to - 0.3; ) {
    const w = random.between(0.16, 0.34)
    if (random.chance(0.86)) {
      front.rect(u, 2.78, u + w, 3.05, [232, 226, 206], 0.9)
      if (lit) front.light(u, 2.78, u + w, 3.05, [170, 160, 130], 0.8)
    }
    u += w + 0.1
  }
}

function drawAwning(front: Front, from: number, to: number, hue: Rgb): void {
  const stripes = Math.round((to - from) / 0.45)
  for (let i = 0; i < stripes; i++) {
    const [a, b] = [from + ((to - from) * i) / stripes, from + ((to - from) * (i + 1)) / stripes]
    const colour = i % 2 ? ([222, 216, 202] as Rgb) : hue
    front.area(
      [front.at(a, 2.62), front.at(b, 2.62), front.at(b, 2.12, 0.9), front.at(a, 2.12, 0.9)],
      css(scale(colour, 1.04)),
    )
    front.area(
      [front.at(a, 2.12, 0.9), front.at(b, 2.12, 0.9), front.at(b, 1.98, 0.9), front.at(a, 1.98, 0.9)],
      css(scale(colour, 0.8)),
    )
  }
}

function drawFlats(front: Front, length: number, base: Rgb, random: Random): void {
  const count = Math.max(1, Math.round(length / 3.2))
  const width = length / count
  for (let i = 0; i < count; i++) {
    const u = i * width + width / 2
    if (random.chance(0.25)) {
      front.rect(u - 0.65, 0, u + 0.65, 2.5, mix(base, [220, 214, 204], 0.5))
      front.rect(
        u - 0.5,
        0,
        u + 0.5,
        2.3,
        random.pick<Rgb>([
          [84, 52, 36],
          [44, 62, 78],
          [60, 70, 56],
        ]),
      )
    } else drawWindow(front, u, 1, 1.4, 1.5, base, random)
  }
  front.rect(0, 3.1, length, 3.3, mix(base, [225, 222, 214], 0.4))
}

function drawUpperWindows(front: Front, length: number, height: number, base: Rgb, random: Random): void {
  const count = Math.max(1, Math.round(length / 2.9))
  const width = length / count
  for (let v = 4.3; v + 1.8 < height; v += 3.1) {
    for (let i = 0; i < count; i++) drawWindow(front, i * width + width / 2, v, 1.25, 1.65, base, random)
  }
}

function drawWindow(front: Front, u: number, v: number, w: number, h: number, base: Rgb, random: Random): void {
  front.rect(u - w / 2 - 0.1, v - 0.12, u + w / 2 + 0.1, v + h + 0.1, mix(base, [232, 228, 220], 0.6))
  front.rect(u - w / 2, v, u + w / 2, v + h, [76, 88, 100])
  front.rect(u - w / 2, v + h * 0.45, u + w / 2, v + h, [126, 142, 156], 0.6)
  if (random.chance(0.4)) front.rect(u - w / 2, v, u - w / 6, v + h, [206, 200, 190], 0.5)
  front.rect(u - 0.035, v, u + 0.035, v + h, [228, 226, 220])
  front.rect(u - w / 2, v + h * 0.6, u + w / 2, v + h * 0.6 + 0.06, [228, 226, 220])
  if (random.chance(0.3))
    front.light(
      u - w / 2,
      v,
      u + w / 2,
      v + h,
      random.pick<Rgb>([
        [150, 116, 62],
        [120, 112, 88],
        [84, 92, 112],
      ]),
      0.8,
    )
}

function drawOffice(front: Front, length: number, height: number, random: Random): void {
  for (let v = 0.4; v < height; v += 3.2) {
    front.rect(0, v, length, v + 2.5, [82, 98, 108])
    front.rect(0, v + 1.2, length, v + 2.5, [124, 142, 152], 0.5)
    for (let u = 0; u < length; u += 1.5) {
      front.rect(u, v, u + 0.1, v + 2.5, [196, 198, 198])
      if (random.chance(0.22)) front.light(u + 0.1, v, u + 1.5, v + 2.5, [120, 122, 104], 0.7)
    }
  }
}
