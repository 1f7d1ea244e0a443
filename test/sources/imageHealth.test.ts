import { expect, test } from 'vitest'
import { imageHealthStep, NO_IMAGE } from '../../src/sources/imageHealth.ts'

const SIZE = 32
const image = (value: number) => new Uint8Array(SIZE * SIZE * 3).fill(value)

/** Feeds one image a second. @returns the problem at each */
function problems(images: Uint8Array[], frozenAfterMs: number | null) {
  let watch = NO_IMAGE
  return images.map((pixels, i) => {
    const [next, { problem }] = imageHealthStep(watch, { pixels, at: i * 1000, frozenAfterMs })
    watch = next
    return problem
  })
}

test('identical for long enough is frozen, one changed byte ends it', () => {
  const changed = image(100)
  changed[5] = 101
  const images = [image(90), ...Array.from({ length: 4 }, () => image(100)), changed, image(100)]
  expect(problems(images, 3000)).toEqual([null, null, null, null, 'frozen', null, null])
})

test('a recording may stand still', () => {
  expect(
    problems(
      Array.from({ length: 3 }, () => image(100)),
      null,
    ),
  ).toEqual([null, null, null])
})

test('black is dark at once, with sensor noise and the camera’s clock in it; a lit lamp is not', () => {
  const noisy = image(0).map((_, i) => (i * 7) % 28)
  const withClock = image(16)
  withClock.fill(255, 0, 10)
  const withLamp = image(16)
  withLamp.fill(255, 0, SIZE * 3 * 2)
  expect(problems([image(16), noisy, withClock, withLamp], 1)).toEqual(['dark', 'dark', 'dark', null])
})

test('a covered lens is called dark, not frozen', () => {
  expect(problems([image(0), image(0), image(0)], 1000)).toEqual(['dark', 'dark', 'dark'])
})

test('works on the buffer alone: it may be handed away afterwards', () => {
  const pixels = image(50)
  const [watch] = imageHealthStep(NO_IMAGE, { pixels, at: 0, frozenAfterMs: 1000 })
  structuredClone(pixels.buffer, { transfer: [pixels.buffer] })
  expect(imageHealthStep(watch, { pixels: image(50), at: 1000, frozenAfterMs: 1000 })[1].problem).toBe('frozen')
})
