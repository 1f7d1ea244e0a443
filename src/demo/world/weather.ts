/** Draws rain, and distractors of motion detectors: moths, headlight sweeps, a blowing leaf. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import { LOGICAL_HEIGHT, LOGICAL_WIDTH } from './createCamera.ts'
import type { Lighting } from './lighting.ts'
import { hash } from './paint.ts'

export function drawRain(ctx: SKRSContext2D, frame: number, lighting: Lighting): void {
  const bright = lighting.light === 'day' ? 0.3 : lighting.light === 'dusk' ? 0.26 : 0.2
  for (const [count, length, width, salt] of [
    [70, 16, 0.7, 1],
    [22, 34, 1.3, 2],
  ] as const) {
    ctx.strokeStyle = `rgba(214,222,232,${bright})`
    ctx.lineWidth = width
    ctx.beginPath()
    for (let i = 0; i < count; i++) {
      const x = hash(frame * 131 + i, salt) * (LOGICAL_WIDTH + 40) - 20
      const y = hash(frame * 137 + i, salt + 10) * (LOGICAL_HEIGHT + length) - length
      ctx.moveTo(x, y)
      ctx.lineTo(x - length * 0.16, y + length)
    }
    ctx.stroke()
  }
  ctx.strokeStyle = `rgba(220,228,236,${bright})`
  ctx.lineWidth = 0.8
  ctx.beginPath()
  for (let i = 0; i < 26; i++) {
    const [x, y] = [hash(frame * 151 + i, 5) * LOGICAL_WIDTH, 130 + hash(frame * 157 + i, 6) * 230]
    ctx.moveTo(x - 2, y - 1.5)
    ctx.lineTo(x, y)
    ctx.lineTo(x + 2, y - 1.5)
  }
  ctx.stroke()
}

/** Seconds of one slot in which one distraction may happen. */
const SLOT = 14

export function drawDistractors(ctx: SKRSContext2D, seconds: number, seed: number, lighting: Lighting): void {
  const slot = Math.floor(seconds / SLOT)
  const t = seconds - slot * SLOT
  const chance = hash(slot, seed + 77)
  if (lighting.light === 'night' || lighting.light === 'infrared') {
    if (chance < 0.4 && t < 5) drawMoth(ctx, t, slot * 13 + seed)
    if (chance > 0.7 && t < 4) drawSweep(ctx, t / 4)
  } else if (chance < 0.35 && t < 4) drawLeaf(ctx, t, slot * 13 + seed)
}

function drawMoth(ctx: SKRSContext2D, t: number, seed: number): void {
  const x = 100 + 440 * hash(seed, 1) + 90 * Math.sin(t * 2.1 + seed) + 30 * Math.sin(t * 7.3)
  const y = 60 + 200 * hash(seed, 2) + 60 * Math.cos(t * 2.7 + seed) + 20 * Math.sin(t * 9.1)
  const flap = Math.abs(Math.sin(t * 34))
  ctx.fillStyle = 'rgba(236,236,226,0.5)'
  for (const side of [-1, 1]) {
    ctx.beginPath()
    ctx.ellipse(x + side * 4 * flap, y, 1.5 + 4.5 * flap, 4.2, side * 0.6, 0, 2 * Math.PI)
    ctx.fill()
  }
}

/** The headlights of a car outside the image sweep over the scene. */
function drawSweep(ctx: SKRSContext2D, progress: number): void {
  const x = -200 + progress * (LOGICAL_WIDTH + 400)
  const light = ctx.createLinearGradient(x - 130, 0, x + 130, 0)
  const peak = 0.13 * Math.sin(Math.PI * progress)
  light.addColorStop(0, 'rgba(255,240,210,0)')
  light.addColorStop(0.5, `rgba(255,240,210,${peak.toFixed(3)})`)
  light.addColorStop(1, 'rgba(255,240,210,0)')
  ctx.fillStyle = light
  ctx.fillRect(x - 130, 0, 260, LOGICAL_HEIGHT)
}

function drawLeaf(ctx: SKRSContext2D, t: number, seed: number): void {
  const x = -20 + (t / 4) * (LOGICAL_WIDTH + 40)
  const y = 200 + 120 * hash(seed, 3) + 26 * Math.sin(t * 4.1) - 14 * Math.abs(Math.sin(t * 3))
  ctx.fillStyle = 'rgba(142,98,44,0.9)'
  ctx.beginPath()
  ctx.ellipse(x, y, 4.4, 1.2 + 1.6 * Math.abs(Math.cos(t * 8)), t * 5, 0, 2 * Math.PI)
  ctx.fill()
}
