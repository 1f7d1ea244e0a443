import { createCanvas } from '@napi-rs/canvas'
import { expect, test } from 'vitest'
import { drawPicture } from '../../../src/commands/detect/drawPicture.ts'
import type { Picture } from '../../../src/commands/detect/findings.ts'
import type { ViewKind } from '../../../src/types.ts'

const [WIDTH, HEIGHT, SIZE] = [320, 180, 8]
const [GREY, RED, GREEN] = [
  [128, 128, 128],
  [255, 0, 0],
  [0, 255, 0],
]
const jpeg = (() => {
  const canvas = createCanvas(WIDTH, HEIGHT)
  const context = canvas.getContext('2d')
  context.fillStyle = `rgb(${GREY.join(',')})`
  context.fillRect(0, 0, WIDTH, HEIGHT)
  return canvas.toBuffer('image/jpeg', 95)
})()
const green = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => GREEN[i % 3] as number)

/** Draws into a tile of the snapshot's size; the result answers whether a pixel has a colour. */
async function draw(
  x: number,
  view: ViewKind = 'crop',
  viewImage: Picture['viewImage'] = { box: { x, y: 0.1, width: 0.25, height: 0.25 }, size: SIZE, pixels: green },
) {
  const canvas = createCanvas(WIDTH, HEIGHT)
  const context = canvas.getContext('2d')
  const where = { box: { x, y: 0.1, width: 0.25, height: 0.25 }, zones: [], view }
  await drawPicture(context, { jpeg, where, viewImage }, { x: 0, y: 0, width: WIDTH, height: HEIGHT }, 'rgb(255, 0, 0)')
  const { data } = context.getImageData(0, 0, WIDTH, HEIGHT)
  return (px: number, py: number, colour: readonly number[]) =>
    colour.every((value, c) => Math.abs((data[(py * WIDTH + px) * 4 + c] as number) - value) < 12)
}

test('a box lies where the event was, and the crop in the lower corner away from it', async () => {
  const left = await draw(0.1)
  expect(left(32 + 40, 16, RED)).toBe(true)
  expect(left(30, 18 + 20, RED)).toBe(true)
  expect(left(32 + 40, 18 + 20, GREY)).toBe(true)
  expect([left(300, 150, GREEN), left(20, 150, GREEN)]).toEqual([true, false])
  const right = await draw(0.7)
  expect([right(300, 150, GREEN), right(20, 150, GREEN)]).toEqual([false, true])
})

test('a zone has its own shape: wider than high', async () => {
  // 81 pixels is the longest side of the inset.
  const zone = await draw(0.1, 'zone')
  const crop = await draw(0.1, 'crop')
  expect([crop(300, 105, GREEN), zone(300, 105, GREEN), zone(245, 150, GREEN)]).toEqual([true, false, true])
})

test('where the whole image decided, there is the snapshot alone', async () => {
  const whole = await draw(0.1, 'whole', null)
  expect([whole(72, 16, GREY), whole(300, 150, GREY)]).toEqual([true, true])
})
