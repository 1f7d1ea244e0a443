import { expect, test } from 'vitest'
import { splitFrames, splitJpegs, splitLines, splitTimes } from '../../../src/sources/ffmpeg/splitters.ts'

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
