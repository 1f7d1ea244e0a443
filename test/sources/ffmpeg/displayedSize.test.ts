import { expect, test } from 'vitest'
import { displayedSize } from '../../../src/sources/ffmpeg/displayedSize.ts'

test.each([
  ['square pixels', { width: 1920, height: 1080 }, '1920x1080'],
  ['a ratio that is not stated', { width: 1920, height: 1080, pixelAspectRatio: 0 }, '1920x1080'],
  ['PAL widescreen', { width: 720, height: 576, pixelAspectRatio: 64 / 45 }, '1024x576'],
  ['NTSC', { width: 720, height: 480, pixelAspectRatio: 8 / 9 }, '640x480'],
  ['a quarter turn', { width: 1920, height: 1080, rotation: -90 }, '1080x1920'],
  ['a half turn', { width: 1920, height: 1080, rotation: 180 }, '1920x1080'],
  ['a quarter turn of wide pixels', { width: 720, height: 576, pixelAspectRatio: 64 / 45, rotation: 90 }, '405x720'],
  ['a ratio that is a mistake', { width: 100, height: 100, pixelAspectRatio: 5000 }, '1000x100'],
])('%s', (_, stored, expected) => {
  const { width, height } = displayedSize(stored)
  expect(`${width}x${height}`).toBe(expected)
})
