/** A walking person: joints in the world from a gait, then limbs as shaded strokes. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Point3 } from '../camera.ts'
import { type Brush, css, type Rgb, scale, throughAir } from '../paint.ts'
import type { Bounds, Fall } from './types.ts'

export interface PersonLook {
  /** Metres. */
  readonly height: number
  readonly skin: Rgb
  readonly hair: Rgb
  readonly top: Rgb
  readonly bottom: Rgb
  readonly shoes: Rgb
  readonly coat: boolean
  readonly skirt: boolean
  readonly longHair: boolean
  readonly hat: boolean
  readonly bag: 'none' | 'backpack' | 'shopping'
  readonly umbrella: boolean
  readonly bagColour: Rgb
}

export interface Stance {
  readonly x: number
  readonly y: number
  readonly heading: number
  /** Metres walked so far: drives the gait. */
  readonly travelled: number
  /** 0 = stands still, 1 = full stride. */
  readonly stride: number
}

/** One round-ended limb on the picture: from, to, radius at both ends, logical pixels. */
export interface Limb {
  readonly name:
    | 'leg'
    | 'shin'
    | 'shoe'
    | 'arm'
    | 'forearm'
    | 'hand'
    | 'torso'
    | 'coat'
    | 'head'
    | 'hair'
    | 'bag'
    | 'umbrella'
  readonly side: -1 | 0 | 1
  readonly from: readonly [number, number, number]
  readonly to: readonly [number, number, number]
  readonly radius: number
  readonly endRadius: number
}

const STRIDE_METRES = 1.45

/** The limbs in drawing order: far side first. */
export function figureLimbs(brush: Pick<Brush, 'camera'>, look: PersonLook, at: Stance): Limb[] {
  const k = look.height / 1.75
  const phase = (at.travelled / (STRIDE_METRES * k)) * 2 * Math.PI
  const [fx, fy] = [Math.cos(at.heading), Math.sin(at.heading)]
  const [lx, ly] = [-fy, fx]
  const bob = 0.025 * at.stride * Math.cos(2 * phase)
  const point = (forward: number, left: number, up: number): Point3 => [
    at.x + (forward * fx + left * lx) * k,
    at.y + (forward * fy + left * ly) * k,
    up * k,
  ]
  const [cx, cy] = brush.camera.placement.position
  const nearSide = (cx - at.x) * lx + (cy - at.y) * ly > 0 ? 1 : -1
  const facing = ((cx - at.x) * fx + (cy - at.y) * fy) / Math.max(0.1, Math.hypot(cx - at.x, cy - at.y))
  const limbs: Limb[] = []
  const limb = (name: Limb['name'], side: Limb['side'], a: Point3, b: Point3, ra: number, rb = ra) => {
    const [from, to] = [brush.camera.project(...a), brush.camera.project(...b)]
    limbs.push({
      name,
      side,
      from,
      to,
      radius: ra * k * brush.camera.scaleAt(from[2]),
      endRadius: rb * k * brush.camera.scaleAt(to[2]),
    })
  }
  const leg = (side: -1 | 1) => {
    const swing = Math.sin(phase + (side > 0 ? 0 : Math.PI)) * at.stride
    const lift = Math.max(0, Math.cos(phase + (side > 0 ? 0 : Math.PI))) * at.stride
    const thigh = 0.5 * swing + 0.12 * at.stride * lift
    const shin = thigh - 0.28 * at.stride - 0.75 * lift * at.stride + (at.stride > 0.2 ? 0.2 : 0)
    const spread = 0.085 + 0.03 * (1 - at.stride)
    const hip = point(0, 0.08 * side, 0.92 + bob)
    const knee = point(0.45 * Math.sin(thigh), spread * side, 0.92 + bob - 0.45 * Math.cos(thigh))
    const ankleUp = 0.92 + bob - 0.45 * Math.cos(thigh) - 0.42 * Math.cos(shin)
    const ankleForward = 0.45 * Math.sin(thigh) + 0.42 * Math.sin(shin)
    const ankle = point(ankleForward, spread * side, Math.max(0.06, ankleUp))
    limb('leg', side, hip, knee, 0.088, 0.07)
    limb('shin', side, knee, ankle, 0.066, 0.048)
    limb('shoe', side, ankle, point(ankleForward + 0.16, spread * side, Math.max(0.04, ankleUp - 0.05)), 0.05, 0.045)
  }
  const arm = (side: -1 | 1) => {
    const holds = look.umbrella && side === 1
    const swing = -Math.sin(phase + (side > 0 ? 0 : Math.PI)) * 0.5 * at.stride
    const shoulder = point(0, 0.2 * side, 1.42 + bob)
    const elbow = holds ? point(0.12, 0.25 * side, 1.18 + bob) : point(0.27 * Math.sin(swing), 0.25 * side, 1.15 + bob)
    const bend = swing + 0.3
    const hand = holds
      ? point(0.26, 0.14 * side, 1.34 + bob)
      : point(0.27 * Math.sin(swing) + 0.25 * Math.sin(bend), 0.25 * side, 1.15 + bob - 0.25 * Math.cos(bend))
    limb('arm', side, shoulder, elbow, 0.062, 0.054)
    limb('forearm', side, elbow, hand, 0.052, 0.04)
    limb('hand', side, hand, hand, 0.045)
    if (look.bag === 'shopping' && side === 1 && !holds) {
      const [hf, hl] = [0.27 * Math.sin(swing) + 0.25 * Math.sin(bend), 0.26 * side]
      limb('bag', side, point(hf, hl, 0.82 + bob), point(hf, hl, 0.6 + bob), 0.1, 0.14)
    }
  }
  const backpack = () => limb('bag', 0, point(-0.2, 0, 1.36 + bob), point(-0.2, 0, 1.08 + bob), 0.14, 0.16)
  const lean = 0.05 * at.stride
  arm(-nearSide as -1 | 1)
  leg(-nearSide as -1 | 1)
  leg(nearSide as -1 | 1)
  if (look.bag === 'backpack' && facing > 0) backpack()
  const width = 0.128 + 0.056 * Math.abs(facing)
  if (look.coat || look.skirt)
    limb('coat', 0, point(0, 0, 0.98 + bob), point(0, 0, 0.72 + bob), width - 0.02, width + 0.012)
  limb('torso', 0, point(lean, 0, 1.36 + bob), point(0, 0, 0.98 + bob), width, width - 0.032)
  if (look.bag === 'backpack' && facing <= 0) backpack()
  arm(nearSide as -1 | 1)
  const head = point(lean + 0.04, 0, 1.63 + bob)
  limb('head', 0, head, point(lean + 0.04, 0, 1.58 + bob), 0.108, 0.09)
  limb(
    'hair',
    0,
    point(lean + 0.02, 0, 1.68 + bob),
    point(lean - 0.03, 0, look.longHair ? 1.5 : 1.64 + bob),
    0.102,
    look.longHair ? 0.1 : 0.09,
  )
  if (look.umbrella) limb('umbrella', 0, point(0.12, 0.08, 2.0 + bob), point(0.12, 0.08, 1.34 + bob), 0.5)
  return limbs
}

export function drawFigure(brush: Brush, look: PersonLook, limbs: readonly Limb[], facingAway: boolean): void {
  const { ctx } = brush
  ctx.lineCap = 'round'
  const depth = limbs[0]?.from[2] ?? 10
  const tone = (colour: Rgb, k: number) => css(throughAir(brush, scale(colour, k), depth))
  const lightSide =
    brush.sun[0] * Math.cos(brush.camera.placement.yaw) - brush.sun[1] * Math.sin(brush.camera.placement.yaw) >= 0
      ? 1
      : -1
  const far = limbs.find(limb => limb.side !== 0)?.side ?? 1
  for (const limb of limbs) {
    const dim = limb.side === far ? 0.72 : 0.92
    switch (limb.name) {
      case 'umbrella':
        drawUmbrella(brush, limb, tone)
        break
      case 'head':
        drawCapsule(brush, limb, tone(look.skin, 0.95), tone(look.skin, 1.1), lightSide)
        break
      case 'hair':
        drawHair(brush, look, limb, tone, facingAway)
        break
      default: {
        const colour = colourOf(look, limb.name)
        drawCapsule(brush, limb, tone(colour, dim), tone(colour, dim * (1.12 + 0.16 * brush.contrast)), lightSide)
      }
    }
  }
}

function colourOf(look: PersonLook, name: Limb['name']): Rgb {
  if (name === 'leg' || name === 'shin') return look.skirt && name === 'shin' ? look.skin : look.bottom
  if (name === 'coat') return look.coat ? look.top : look.bottom
  if (name === 'shoe') return look.shoes
  if (name === 'hand') return look.skin
  if (name === 'bag') return look.bagColour
  return look.top
}

/** A tapered limb with a lighter flank towards the light. */
function drawCapsule(brush: Brush, limb: Limb, dark: string, light: string, lightSide: number): void {
  const { ctx } = brush
  taper(brush, limb.from, limb.to, limb.radius, limb.endRadius, dark)
  const r = (limb.radius + limb.endRadius) / 2
  if (r < 1.1) return
  const shift = r * 0.34 * lightSide
  ctx.strokeStyle = light
  ctx.lineWidth = r * 1.05
  ctx.beginPath()
  ctx.moveTo(limb.from[0] + shift, limb.from[1] - r * 0.12)
  ctx.lineTo(limb.to[0] + shift + 0.01, limb.to[1] - r * 0.12)
  ctx.stroke()
}

function taper(brush: Brush, a: Limb['from'], b: Limb['to'], ra: number, rb: number, style: string): void {
  const { ctx } = brush
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const length = Math.hypot(dx, dy)
  ctx.fillStyle = style
  ctx.beginPath()
  if (length < 0.3) {
    ctx.arc(a[0], a[1], ra, 0, 2 * Math.PI)
  } else {
    const angle = Math.atan2(dy, dx)
    ctx.arc(a[0], a[1], ra, angle + Math.PI / 2, angle - Math.PI / 2)
    ctx.arc(b[0], b[1], rb, angle - Math.PI / 2, angle + Math.PI / 2)
    ctx.closePath()
  }
  ctx.fill()
}

function drawHair(
  brush: Brush,
  look: PersonLook,
  limb: Limb,
  tone: (colour: Rgb, k: number) => string,
  away: boolean,
): void {
  const { ctx } = brush
  const r = limb.radius
  ctx.fillStyle = tone(look.hat ? look.bagColour : look.hair, 0.95)
  if (away) {
    taper(
      brush,
      limb.from,
      [limb.from[0], look.longHair ? limb.to[1] : limb.from[1] + r * 0.7, 0],
      r,
      r * 0.9,
      tone(look.hat ? look.bagColour : look.hair, 0.95),
    )
    return
  }
  ctx.beginPath()
  ctx.arc(limb.from[0], limb.from[1], r * 1.08, Math.PI * 0.96, Math.PI * 2.04)
  ctx.closePath()
  ctx.fill()
  if (look.hat) ctx.fillRect(limb.from[0] - r * 1.5, limb.from[1] - r * 0.1, r * 3, r * 0.28)
}

function drawUmbrella(brush: Brush, limb: Limb, tone: (colour: Rgb, k: number) => string): void {
  const { ctx } = brush
  const [x, y] = limb.from
  const r = limb.radius
  ctx.strokeStyle = tone([60, 60, 62], 1)
  ctx.lineWidth = Math.max(0.6, r * 0.05)
  ctx.beginPath()
  ctx.moveTo(x, y)
  ctx.lineTo(limb.to[0], limb.to[1])
  ctx.stroke()
  ctx.fillStyle = tone([52, 54, 60], 1)
  ctx.beginPath()
  ctx.ellipse(x, y, r, r * 0.62, 0, Math.PI, 2 * Math.PI)
  ctx.ellipse(x, y, r, r * 0.16, 0, 0, Math.PI)
  ctx.fill()
  ctx.fillStyle = tone([84, 86, 92], 1)
  ctx.beginPath()
  ctx.ellipse(x, y, r * 0.45, r * 0.6, 0, Math.PI, 2 * Math.PI)
  ctx.fill()
}

export function limbBounds(limbs: readonly Limb[]): Bounds {
  const boxes = limbs.map(
    ({ from, to, radius, endRadius }) =>
      [
        Math.min(from[0] - radius, to[0] - endRadius),
        Math.min(from[1] - radius, to[1] - endRadius),
        Math.max(from[0] + radius, to[0] + endRadius),
        Math.max(from[1] + radius, to[1] + endRadius),
      ] as const,
  )
  return [
    Math.min(...boxes.map(box => box[0])),
    Math.min(...boxes.map(box => box[1])),
    Math.max(...boxes.map(box => box[2])),
    Math.max(...boxes.map(box => box[3])),
  ]
}

/** Legs, trunk and head laid on the ground away from the light. */
export function shadowOfFigure(ctx: SKRSContext2D, fall: Fall, look: PersonLook, at: Stance): void {
  const k = look.height / 1.75
  const phase = (at.travelled / (STRIDE_METRES * k)) * 2 * Math.PI
  const [fx, fy] = [Math.cos(at.heading), Math.sin(at.heading)]
  const point = (forward: number, left: number, up: number) =>
    fall([at.x + forward * fx - left * fy, at.y + forward * fy + left * fx, up * k])
  const swing = 0.36 * Math.sin(phase) * at.stride
  const [hip, neck] = [point(0, 0, 0.95), point(0, 0, 1.45)]
  const across =
    Math.hypot(point(0.2, 0, 0)[0] - point(-0.2, 0, 0)[0], point(0, 0.2, 0)[1] - point(0, -0.2, 0)[1]) * 0.9 + 2
  ctx.lineCap = 'round'
  const line = (a: readonly [number, number], b: readonly [number, number], width: number) => {
    ctx.lineWidth = width
    ctx.beginPath()
    ctx.moveTo(a[0], a[1])
    ctx.lineTo(b[0], b[1])
    ctx.stroke()
  }
  line(point(swing, 0.1, 0), hip, across * 0.42)
  line(point(-swing, -0.1, 0), hip, across * 0.42)
  line(hip, neck, across * 0.85)
  line(point(0, 0, 1.55), point(0, 0, 1.68), across * 0.55)
}
