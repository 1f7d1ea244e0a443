import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Decoded, decode } from '../../../src/sources/ffmpeg/decode.ts'
import type { DecodePlan } from '../../../src/sources/ffmpeg/flags.ts'
import { createRedactor } from '../../../src/util/redactor.ts'
import { childrenWith } from '../../support/processes.ts'

/** Runs one of the fake ffmpegs as if it read a file into pictures of 4x4. */
function run(program: string, signal?: AbortSignal) {
  const path = fileURLToPath(new URL(`../../fixtures/sources/ffmpeg/${program}`, import.meta.url))
  const plan: DecodePlan = {
    input: { kind: 'file', path: '/v/a.mp4', realtime: false, loop: false },
    sampling: 'all',
    size: 4,
    fit: 'stretch',
    keyframesOnly: false,
    times: false,
    snapshot: null,
    maxFrames: null,
    hwaccel: null,
  }
  const seen: { ended: Decoded | null; complaints: number; last: string } = { ended: null, complaints: 0, last: '' }
  const deps = {
    ffmpeg: { path, version: { major: 6, minor: 0 } },
    redact: createRedactor(),
    complain: (count: number, last: string) => {
      seen.complaints += count
      seen.last = last
    },
    judge: (ended: Decoded) => {
      seen.ended = ended
    },
  }
  return { pictures: decode(plan, deps, signal), seen, path }
}

test('hands over every picture and tells how ffmpeg ended', async () => {
  const { pictures, seen } = run('frames-then-exit.mjs')
  const first: (number | undefined)[] = []
  for await (const { pixels } of pictures) first.push(pixels[0])
  expect(first).toEqual([1, 2])
  expect(seen.ended).toMatchObject({ exit: { code: 0 }, pictures: 2 })
})

test('a picture that was cut short is none', async () => {
  const { pictures, seen } = run('short-frame.mjs')
  let count = 0
  for await (const _ of pictures) count++
  expect(count).toBe(1)
  expect(seen.ended).toMatchObject({ exit: { code: 1 }, pictures: 1 })
})

test('leaving the loop stops ffmpeg, and judges nothing', async () => {
  const { pictures, seen, path } = run('stalls.mjs')
  for await (const { pixels } of pictures) {
    expect(pixels).toHaveLength(48)
    break
  }
  expect(childrenWith(path)).toEqual([])
  expect(seen.ended).toBeNull()
})

test('aborting ends the wait for a picture that never comes', async () => {
  const stopping = new AbortController()
  const { pictures, seen, path } = run('stalls.mjs', stopping.signal)
  await pictures.next()
  const waiting = pictures.next()
  stopping.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(childrenWith(path)).toEqual([])
  expect(seen.ended).toBeNull()
})

test('a flood of complaints is counted, kept short, and shows no password', async () => {
  const { pictures, seen } = run('floods-stderr.mjs')
  for await (const _ of pictures);
  expect(seen.complaints).toBe(5000)
  expect(seen.last).toBe('[h264 @ 0x1] error while decoding rtsp://***@cam/4999')
  expect(seen.ended?.lastLines).toHaveLength(8)
  expect(JSON.stringify(seen)).not.toContain('hunter22')
})

test('an error thrown by the judge ends the iteration with it', async () => {
  const { path } = run('refused.mjs')
  const plan = { size: 4, sampling: 'all', fit: 'stretch', keyframesOnly: false, times: false } as const
  const pictures = decode(
    {
      ...plan,
      input: { kind: 'file', path: '/v/a.mp4', realtime: false, loop: false },
      snapshot: null,
      maxFrames: null,
      hwaccel: null,
    },
    {
      ffmpeg: { path, version: { major: 6, minor: 0 } },
      redact: text => text,
      complain: () => {},
      judge: ({ lastLines }) => {
        throw new Error(lastLines.at(-1))
      },
    },
  )
  await expect(pictures.next()).rejects.toThrow('pipe:0: Connection refused')
})
