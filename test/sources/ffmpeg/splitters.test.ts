import { expect, test } from 'vitest'
import {
  splitFrames,
  splitJpegs,
  splitLines,
  splitPpm,
  splitSquares,
  splitTimes,
} from '../../../src/sources/ffmpeg/splitters.ts'

/** The same bytes, cut at every possible size. */
function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

test.each([1, 5, 6, 7, 100])('frames come whole from chunks of %i bytes', size => {
  const split = splitFrames(6)
  const bytes = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  const frames = pieces(bytes, size).flatMap(split)
  expect(frames.map(frame => [...frame])).toEqual([
    [1, 2, 3, 4, 5, 6],
    [7, 8, 9, 10, 11, 12],
  ])
  expect(new Set(frames.map(({ buffer }) => buffer)).size).toBe(2)
})

test.each([1, 9, 1000])('JPEGs come whole from chunks of %i bytes, whatever they contain', size => {
  const one = Buffer.from([0xff, 0xd8, 13, 10, 13, 10, 0xff, 0xd9])
  const part = (jpeg: Buffer) =>
    Buffer.concat([Buffer.from(`--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${jpeg.length}\r\n\r\n`), jpeg])
  const bytes = Buffer.concat([part(one), Buffer.from('\r\n'), part(Buffer.from('abc')), Buffer.from('\r\n')])
  expect(pieces(bytes, size).flatMap(splitJpegs())).toEqual([new Uint8Array(one), new Uint8Array(Buffer.from('abc'))])
})

test('a JPEG part without length is an error', () => {
  expect(() => splitJpegs()(Buffer.from('--ffmpeg\r\nContent-type: image/jpeg\r\n\r\n'))).toThrow('Content-length')
})

test('lines come whole, whatever ends them, and an endless one stays bounded', () => {
  const split = splitLines(4)
  expect(split(Buffer.from('a\nb\r\nc'))).toEqual(['a', 'b'])
  expect(split(Buffer.from('d\rlonger than four\n'))).toEqual(['cd', 'long'])
  expect(split(Buffer.from('x'.repeat(1_000_000)))).toEqual([])
  expect(split(Buffer.from('\n'))).toEqual(['xxxx'])
})

test('times are read after the comment', () => {
  expect(splitTimes()(Buffer.from('# timecode format v2\n0\n560\n1040\n15'))).toEqual([0, 560, 1040])
})

const ppm = (width: number, height: number, value: number) =>
  Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.alloc(width * height * 3, value)])

test.each([1, 2, 7, 19, 20, 64, 1000])('PPM images come whole from chunks of %i bytes, each of its own size', size => {
  // The second begins like a header, and the third is smaller than one.
  const second = Buffer.concat([Buffer.from('P6\n2 2\n255\n'), Buffer.from('P6\n9 9\n255\n\n')])
  const bytes = Buffer.concat([ppm(5, 3, 10), second, ppm(1, 1, 13), ppm(4, 4, 200)])
  const images = pieces(bytes, size).flatMap(splitPpm(100))
  expect(images.map(({ width, height }) => [width, height])).toEqual([
    [5, 3],
    [2, 2],
    [1, 1],
    [4, 4],
  ])
  expect(images.map(({ pixels }) => pixels.length)).toEqual([45, 12, 3, 48])
  expect(images.map(({ pixels }) => pixels.at(-1))).toEqual([10, 10, 13, 200])
  expect(new Set(images.map(({ pixels }) => pixels.buffer)).size).toBe(4)
})

test.each([
  ['P5\n4 4\n255\n', 'Expected a PPM image from ffmpeg, got "P5'],
  ['P6\n4 4\n65535\nxxxxxxxx', 'Expected a PPM image from ffmpeg'],
  ['P6\n-4 4\n255\nxxxxxxxxx', 'Expected a PPM image from ffmpeg'],
  ['P6\n123456 1\n255\nxxxxx', 'Expected a PPM image from ffmpeg'],
  ['\u0000\u0000\u0000', 'Expected a PPM image from ffmpeg'],
  ['P6\n0 4\n255\n', 'Expected a PPM image of 1 to 100 pixels from ffmpeg, got 0x4'],
  ['P6\n99999 99999\n255\n', 'got 99999x99999'],
  ['P6\n11 10\n255\n', 'got 11x10'],
])('%j is not taken for an image', (bytes, message) => {
  expect(() => splitPpm(100)(Buffer.from(bytes))).toThrow(message)
})

test.each([1, 5, 13, 100])('squares come by name, one set a frame, from chunks of %i bytes', size => {
  const bytes = Buffer.concat([1, 2, 3, 4, 5].map(value => Buffer.alloc(12, value)))
  const sets = pieces(bytes, size).flatMap(splitSquares(['gate', 'road'], 2))
  expect(sets.map(set => [...set].map(([name, pixels]) => [name, pixels.length, pixels[0], pixels.at(-1)]))).toEqual([
    [
      ['gate', 12, 1, 1],
      ['road', 12, 2, 2],
    ],
    [
      ['gate', 12, 3, 3],
      ['road', 12, 4, 4],
    ],
  ])
  expect(new Set(sets.flatMap(set => [...set.values()].map(({ buffer }) => buffer))).size).toBe(4)
})
