import { createCanvas, loadImage } from '@napi-rs/canvas'
import { describe, expect, test } from 'vitest'
import { drawAreas } from '../../../src/commands/validate/drawAreas.ts'
import type { Point } from '../../../src/types.ts'

const [WIDTH, HEIGHT] = [1280, 720]
const GREY = [128, 128, 128]
const BOX: readonly Point[] = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.75, 0.75],
  [0.25, 0.75],
]

async function drawn(areas: Parameters<typeof drawAreas>[1], [width, height] = [WIDTH, HEIGHT]) {
  const grey = createCanvas(width, height)
  const context = grey.getContext('2d')
  context.fillStyle = `rgb(${GREY})`
  context.fillRect(0, 0, width, height)
  const image = await loadImage(await drawAreas(await grey.encode('jpeg', 100), areas))
  const canvas = createCanvas(image.width, image.height)
  canvas.getContext('2d').drawImage(image, 0, 0)
  const { data } = canvas.getContext('2d').getImageData(0, 0, image.width, image.height)
  /** The colour at a place in fractions of the image. */
  const at = (x: number, y: number) => {
    const start = 4 * (Math.floor(y * image.height) * image.width + Math.floor(x * image.width))
    return [...data.slice(start, start + 3)]
  }
  return { size: [image.width, image.height], at }
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))))

describe('the image of a camera', () => {
  test('without zones and masks stays as it is', async () => {
    const { size, at } = await drawn({ zones: [], masks: [] })
    expect(size).toEqual([WIDTH, HEIGHT])
    for (const place of [0.1, 0.5, 0.9]) expect(distance(at(place, place), GREY)).toBeLessThan(4)
  })

  test('a zone has its colour along its outline and a tint inside; outside nothing changes', async () => {
    const { at } = await drawn({ zones: [{ name: 'gate', polygon: BOX, events: [] }], masks: [] })
    const colour = [199, 71, 46]
    // The middle of each side; the name stands at the top left.
    for (const [x, y] of [
      [0.5, 0.25],
      [0.75, 0.5],
      [0.5, 0.75],
      [0.25, 0.5],
    ] as const)
      expect(distance(at(x, y), colour)).toBeLessThan(40)
    expect(distance(at(0.5, 0.5), GREY)).toBeGreaterThan(8)
    expect(distance(at(0.2, 0.5), GREY)).toBeLessThan(6)
    expect(distance(at(0.8, 0.5), GREY)).toBeLessThan(6)
  })

  test('the name of a zone stands inside the image, also for a zone in the corner', async () => {
    const corner: readonly Point[] = [
      [0.95, 0.9],
      [1, 0.9],
      [1, 1],
      [0.95, 1],
    ]
    const events = ['person_walking', 'vehicle_stopping']
    const { at } = await drawn({ zones: [{ name: 'gate', polygon: corner, events }], masks: [] })
    expect(distance(at(0.72, 0.905), [199, 71, 46])).toBeLessThan(40)
  })

  test('a mask is striped', async () => {
    const { at } = await drawn({ zones: [], masks: [BOX] })
    const row = Array.from({ length: 100 }, (_, i) => at(0.3 + i * 0.004, 0.5)[0] ?? 0)
    expect(Math.max(...row)).toBeGreaterThan(170)
    expect(Math.min(...row)).toBeLessThan(140)
    expect(distance(at(0.2, 0.5), GREY)).toBeLessThan(6)
  })

  test.each([
    [32, 32],
    [7680, 4320],
    [64, 1000],
  ])('of %ix%i pixels keeps its size', async (width, height) => {
    const zones = [{ name: 'gate', polygon: BOX, events: ['person_walking'] }]
    expect((await drawn({ zones, masks: [BOX] }, [width, height])).size).toEqual([width, height])
  })
})
