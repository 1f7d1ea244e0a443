import { createCanvas } from '@napi-rs/canvas'
import { expect, it } from 'vitest'
import { jpegSize } from '../../src/sinks/jpegSize.ts'

it('reads width and height', () => {
  expect(jpegSize(createCanvas(320, 180).toBuffer('image/jpeg'))).toEqual({ width: 320, height: 180 })
})

it('passes over comments and fill bytes', () => {
  const frame = [0xff, 0xc2, 0, 11, 8, 0x04, 0x38, 0x07, 0x80, 1, 1, 0x11, 0]
  const comment = [0xff, 0xff, 0xfe, 0, 4, 0xff, 0xc0]
  expect(jpegSize(Uint8Array.from([0xff, 0xd8, ...comment, ...frame]))).toEqual({ width: 1920, height: 1080 })
})

it.each([
  ['nothing', []],
  ['a PNG', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['a JPEG that is cut off', [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a]],
  ['a segment of length 0', [0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0]],
])('finds none in %s', (_, bytes) => {
  expect(jpegSize(Uint8Array.from(bytes))).toBeNull()
})
