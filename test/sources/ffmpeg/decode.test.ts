import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Decoded, decode } from '../../../src/sources/ffmpeg/decode.ts'
import type { DecodePlan } from '../../../src/sources/ffmpeg/flags.ts'
import { type ImageParts, imageParts } from '../../../src/sources/imageParts.ts'
import { createRedactor } from '../../../src/util/redactor.ts'
import { childrenWith } from '../../support/processes.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

/** Runs one of the fake ffmpegs as if it read a file into frames of 4x4. */
function run(program: string, signal?: AbortSignal, parts: Partial<ImageParts> = {}, video = '/v/a.mp4') {
  const path = fileURLToPath(new URL(`../../fixtures/sources/ffmpeg/${program}`, import.meta.url))
  const plan: DecodePlan = {
    input: { kind: 'file', path: video, realtime: false, loop: false },
    sampling: 'all',
    size: 4,
    fit: 'stretch',
    keyframesOnly: false,
    times: false,
    snapshot: null,
    maxFrames: null,
    hwaccel: null,
    ...imageParts({}),
    ...parts,
  }
  const seen: { ended: Decoded | null; errors: number; last: string } = { ended: null, errors: 0, last: '' }
  const deps = {
    ffmpeg: { path, version: { major: 6, minor: 0 } },
    redact: createRedactor(),
    onDecodeErrors: (count: number, last: string) => {
      seen.errors += count
      seen.last = last
    },
    onEnd: (ended: Decoded) => {
      seen.ended = ended
    },
  }
  return { frames: decode(plan, deps, signal), seen, path }
}

test('yields every frame and reports how ffmpeg ended', async () => {
  const { frames, seen } = run('frames-then-exit.mjs')
  const first: (number | undefined)[] = []
  for await (const { pixels } of frames) first.push(pixels[0])
  expect(first).toEqual([1, 2])
  expect(seen.ended).toMatchObject({ exit: { code: 0 }, frames: 2 })
})

test('an incomplete frame is not yielded', async () => {
  const { frames, seen } = run('short-frame.mjs')
  let count = 0
  for await (const _ of frames) count++
  expect(count).toBe(1)
  expect(seen.ended).toMatchObject({ exit: { code: 1 }, frames: 1 })
})

test('leaving the loop stops ffmpeg, and judges nothing', async () => {
  const { frames, seen, path } = run('stalls.mjs')
  for await (const { pixels } of frames) {
    expect(pixels).toHaveLength(48)
    break
  }
  expect(childrenWith(path)).toEqual([])
  expect(seen.ended).toBeNull()
})

test('aborting ends the wait for a frame that never comes', async () => {
  const stopping = new AbortController()
  const { frames, seen, path } = run('stalls.mjs', stopping.signal)
  await frames.next()
  const waiting = frames.next()
  stopping.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(childrenWith(path)).toEqual([])
  expect(seen.ended).toBeNull()
})

test('a flood of error lines is counted, kept short, and shows no password', async () => {
  const { frames, seen } = run('floods-stderr.mjs')
  for await (const _ of frames);
  expect(seen.errors).toBe(5000)
  expect(seen.last).toBe('[h264 @ 0x1] error while decoding rtsp://***@cam/4999')
  expect(seen.ended?.lastLines).toHaveLength(8)
  expect(JSON.stringify(seen)).not.toContain('hunter22')
})

test('an error thrown by the onEnd ends the iteration with it', async () => {
  const { path } = run('refused.mjs')
  const plan = { size: 4, sampling: 'all', fit: 'stretch', keyframesOnly: false, times: false } as const
  const frames = decode(
    {
      ...plan,
      input: { kind: 'file', path: '/v/a.mp4', realtime: false, loop: false },
      snapshot: null,
      maxFrames: null,
      hwaccel: null,
      ...imageParts({}),
    },
    {
      ffmpeg: { path, version: { major: 6, minor: 0 } },
      redact: text => text,
      onDecodeErrors: () => {},
      onEnd: ({ lastLines }) => {
        throw new Error(lastLines.at(-1))
      },
    },
  )
  await expect(frames.next()).rejects.toThrow('pipe:0: Connection refused')
})

test('while a frame is looked at, ffmpeg gets rid of one more detail and waits with the next', async () => {
  const taken = join(temporaryFolder(), 'taken')
  const { frames } = run('details.mjs', undefined, { detailHeight: 1000 }, taken)
  const count = () => readFileSync(taken, 'utf8').length
  const seen: [number | undefined, number | undefined, number][] = []
  for (let i = 0; i < 3; i++) {
    const { value } = await frames.next()
    seen.push([value?.pixels[0], value?.detail?.pixels.at(-1), value?.detail?.pixels.length ?? 0])
    // The one in hand and the one that waits. A pipe holds a small part of the third.
    await expect.poll(count).toBe(i + 2)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(count()).toBe(i + 2)
  }
  expect(seen).toEqual([0, 1, 2].map(i => [i, i, 3_000_000]))
  await frames.return()
})

test('what is no image on the pipe of details ends the iteration with one clear line, and ffmpeg with it', async () => {
  const { frames, path, seen } = run('wrong-detail.mjs', undefined, { detailHeight: 8 })
  await expect(frames.next()).rejects.toThrow('Expected a PPM image from ffmpeg, got "P5')
  expect(childrenWith(path)).toEqual([])
  expect(seen.ended).toBeNull()
})
