/**
 * Draws the score on real vectors to docs/images: `npx tsx scripts/scorePictures.ts`. The vectors are those in
 * test/fixtures/real-clip.
 */

import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'
import { measureCamera } from '../bench/real/measureCamera.ts'
import { eventOf } from '../bench/real/measureCase.ts'
import { openFolder, type RealFolder } from '../bench/real/openFolder.ts'
import { readCalibration } from '../src/models/readCalibration.ts'
import { fitQuiet, quietMargin } from '../src/scoring/fitQuiet.ts'

const FONT = 'JetBrains Mono'
const SIZE = { width: 1000, height: 380 }
const PLOT = { left: 70, right: 970, top: 50, bottom: 320 }
const COLORS = {
  paper: '#ffffff',
  text: '#24292f',
  grid: '#d8dee4',
  quiet: '#7d8590',
  event: '#e36209',
  limit: '#0969da',
}

const CASE = 'bicycle-among-street-views'
/** Each image is judged by what the images outside its own part taught. */
const PARTS = 4
const BIN = 0.5

const folder = openFolder(new URL('../test/fixtures/real-clip', import.meta.url).pathname)
GlobalFonts.registerFromPath(
  createRequire(import.meta.url).resolve('@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2'),
  FONT,
)
save('score-histograms', drawHistograms(folder))
save('score-camera', drawCamera(folder, await readCalibration(folder.path, folder.logitScale)))

function drawHistograms(from: RealFolder): Buffer {
  const { quiet, event, limit } = crossFitted(from)
  const values = [...quiet, ...event]
  const [low, high] = [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))]
  const counts = (list: readonly number[]) =>
    Array.from(
      { length: (high - low) / BIN },
      (_, i) => list.filter(value => Math.floor((value - low) / BIN) === i).length,
    )
  const bars = [counts(quiet), counts(event)] as const
  const most = Math.max(...bars.flat())
  const { ctx, x, y, finish } = plot({ x: [low, high], y: [0, most + 1] })
  ctx.globalAlpha = 0.75
  for (const [list, color] of [
    [bars[0], COLORS.quiet],
    [bars[1], COLORS.event],
  ] as const) {
    ctx.fillStyle = color
    for (const [i, count] of list.entries())
      ctx.fillRect(x(low + i * BIN) + 1, y(count), x(low + BIN) - x(low) - 2, y(0) - y(count))
  }
  ctx.globalAlpha = 1
  verticalLine(ctx, x(limit), COLORS.limit)
  label(ctx, 'score 0.5', x(limit) + 8, PLOT.top + 20, COLORS.limit)
  label(ctx, `quiet: ${quiet.length} street views without a bicycle`, x(low) + 4, PLOT.top - 18, COLORS.quiet)
  label(ctx, `event: ${event.length} with one`, x(limit) + 110, PLOT.top - 18, COLORS.event)
  for (let nats = low; nats <= high; nats++) label(ctx, String(nats), x(nats), PLOT.bottom + 20, COLORS.text, 'center')
  for (let count = 0; count <= most; count += 2)
    label(ctx, String(count), PLOT.left - 10, y(count) + 5, COLORS.text, 'right')
  return finish('margin of “a bicycle”, nats above the quiet level', 'images')
}

/** Margins above the quiet level, and the mean margin at which the score is 0.5. */
function crossFitted(from: RealFolder): { quiet: number[]; event: number[]; limit: number } {
  const found = from.cases.find(({ name }) => name === CASE)
  if (found === undefined) throw new Error(`No case ${CASE} in ${from.path}`)
  const rows = [...found.quiet, ...found.negative].sort((a, b) => a - b)
  const event = eventOf(found, found.background, from)
  const [without, withEvent] = [
    from.pictures(found.pictures, rows, CASE),
    from.pictures(found.pictures, found.positive, CASE),
  ]
  const parts = Array.from({ length: PARTS }, (_, part) => {
    const isMine = (_: unknown, i: number) => i % PARTS === part
    const fit = fitQuiet(
      without.filter((_, i) => i % PARTS !== part),
      event,
      from.logitScale,
    )
    if (fit === null) throw new Error(`${CASE} has too few quiet images`)
    const above = (images: readonly Float32Array[]) =>
      images.filter(isMine).map(image => quietMargin(fit, image) - fit.location)
    return { quiet: above(without), event: above(withEvent), limit: (fit.centre - fit.location) / PARTS }
  })
  return {
    quiet: parts.flatMap(part => part.quiet),
    event: parts.flatMap(part => part.event),
    limit: parts.reduce((sum, part) => sum + part.limit, 0),
  }
}

function drawCamera(from: RealFolder, calibration: Parameters<typeof measureCamera>[2]): Buffer {
  const [file] = from.series
  if (file === undefined) throw new Error(`No series in ${from.path}`)
  const { margins, fps, learnedSeconds, fit } = measureCamera(file, from, calibration)
  const seconds = margins.length / fps
  const [low, high] = [Math.floor(Math.min(...margins) * 2) / 2, Math.ceil(Math.max(...margins, fit.centre) * 2) / 2]
  const { ctx, x, y, finish } = plot({ x: [0, seconds], y: [low, high] })
  ctx.fillStyle = '#f0f3f6'
  ctx.fillRect(x(0), PLOT.top, x(learnedSeconds) - x(0), PLOT.bottom - PLOT.top)
  label(ctx, `learned from these ${learnedSeconds} s`, x(0) + 8, PLOT.top - 18, COLORS.text)
  for (const [value, text, color, side] of [
    [fit.centre, 'score 0.5', COLORS.limit, -8],
    [fit.location, 'quiet level', COLORS.quiet, 56],
  ] as const) {
    horizontalLine(ctx, y(value), color)
    label(ctx, text, PLOT.right - 8, y(value) + side, color, 'right')
  }
  ctx.strokeStyle = COLORS.event
  ctx.lineWidth = 2
  ctx.beginPath()
  for (const [i, margin] of margins.entries()) ctx.lineTo(x(i / fps), y(margin))
  ctx.stroke()
  for (let at = 0; at <= seconds; at += 10) label(ctx, `${at} s`, x(at), PLOT.bottom + 20, COLORS.text, 'center')
  for (let nats = low; nats <= high; nats += 0.5)
    label(ctx, nats.toFixed(1), PLOT.left - 10, y(nats) + 5, COLORS.text, 'right')
  return finish('an indoor camera', 'margin of “a person”, nats')
}

/** An empty plot; `finish` adds the axes' titles. */
function plot(range: { readonly x: readonly [number, number]; readonly y: readonly [number, number] }) {
  const canvas = createCanvas(SIZE.width, SIZE.height)
  const ctx = canvas.getContext('2d')
  ctx.fillStyle = COLORS.paper
  ctx.fillRect(0, 0, SIZE.width, SIZE.height)
  const scale =
    ([from, to]: readonly [number, number], start: number, end: number) =>
    (value: number) =>
      start + ((value - from) / (to - from)) * (end - start)
  const finish = (xTitle: string, yTitle: string) => {
    ctx.strokeStyle = COLORS.text
    ctx.lineWidth = 1
    ctx.strokeRect(PLOT.left, PLOT.top, PLOT.right - PLOT.left, PLOT.bottom - PLOT.top)
    label(ctx, xTitle, (PLOT.left + PLOT.right) / 2, SIZE.height - 12, COLORS.text, 'center')
    ctx.translate(18, (PLOT.top + PLOT.bottom) / 2)
    ctx.rotate(-Math.PI / 2)
    label(ctx, yTitle, 0, 0, COLORS.text, 'center')
    return canvas.toBuffer('image/png')
  }
  return { ctx, x: scale(range.x, PLOT.left, PLOT.right), y: scale(range.y, PLOT.bottom, PLOT.top), finish }
}

function label(
  ctx: SKRSContext2D,
  text: string,
  x: number,
  y: number,
  color: string,
  align: 'left' | 'center' | 'right' = 'left',
): void {
  ctx.font = `15px "${FONT}"`
  ctx.fillStyle = color
  ctx.textAlign = align
  ctx.fillText(text, x, y)
}

function verticalLine(ctx: SKRSContext2D, x: number, color: string): void {
  line(ctx, [x, PLOT.top], [x, PLOT.bottom], color)
}

function horizontalLine(ctx: SKRSContext2D, y: number, color: string): void {
  line(ctx, [PLOT.left, y], [PLOT.right, y], color)
}

function line(ctx: SKRSContext2D, from: readonly [number, number], to: readonly [number, number], color: string): void {
  ctx.strokeStyle = color
  ctx.lineWidth = 2
  ctx.setLineDash([6, 4])
  ctx.beginPath()
  ctx.moveTo(...from)
  ctx.lineTo(...to)
  ctx.stroke()
  ctx.setLineDash([])
}

function save(name: string, png: Buffer): void {
  writeFileSync(new URL(`../docs/images/${name}.png`, import.meta.url), png)
}
