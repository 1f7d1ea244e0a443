/** Draws a person's limbs as shaded strokes. */

import { type Brush, css, type Rgb, scale, throughAir } from '../paint.ts'
import type { Limb, PersonLook } from './limb.ts'

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
