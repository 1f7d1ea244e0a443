/** `watchword detect --zones` and `--crops` as a user runs them: real ffmpeg, the bundled model. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { demoClip } from '../support/demoClip.ts'
import { dataDirectory, runCommand } from '../support/product.ts'

const SKY = [
  [0, 0],
  [1, 0],
  [1, 0.12],
  [0, 0.12],
]
const GROUND = [
  [0, 0.3],
  [1, 0.3],
  [1, 1],
  [0, 1],
]

let data: ReturnType<typeof dataDirectory>
const inData = (name: string) => join(data.path, name)
const { path: FFMPEG } = await findFfmpeg()

beforeAll(async () => {
  data = dataDirectory()
  mkdirSync(inData('out'))
  const ffmpeg = (...args: string[]) => execFileSync(FFMPEG, ['-v', 'error', '-y', ...args])
  const street = await demoClip({ seed: 'run test', view: 'street', durationSeconds: 60 })
  ffmpeg('-framerate', '10', '-i', street, '-c', 'copy', '-movflags', '+faststart', inData('street.mp4'))
  // A white square moves in the right half of a grey image.
  const graph = "color=gray:s=320x240:r=4:d=5[b];color=white:s=48x48:r=4:d=5[w];[b][w]overlay=x='180+mod(n*20,80)':y=96"
  ffmpeg('-filter_complex', graph, '-pix_fmt', 'yuv420p', inData('square.mp4'))
})
afterAll(() => data.remove())

async function detect(video: string, zones: unknown, ...args: string[]) {
  const file = inData('zones.json')
  writeFileSync(file, JSON.stringify(zones))
  return runCommand(['detect', inData(video), '--zones', file, ...args], data.path)
}

/** Motion of each frame but the first. */
async function motionOf(zones: unknown): Promise<number[]> {
  const { code } = await detect('square.mp4', zones, '--output-dir', inData('out'))
  expect(code).toBe(0)
  const [, , ...rows] = readFileSync(inData('out/scores.csv'), 'utf8').trim().split('\n')
  return rows.map(row => Number(row.split(',')[1]))
}

test('what moves under a mask is not noticed', async () => {
  const seen = await motionOf({})
  expect(seen.length).toBeGreaterThan(15)
  expect(Math.min(...seen)).toBeGreaterThan(0.01)
  const masked = await motionOf({
    masks: [
      [
        [0.5, 0.3],
        [1, 0.3],
        [1, 0.7],
        [0.5, 0.7],
      ],
    ],
  })
  expect(new Set(masked)).toEqual(new Set([0]))
})

describe('an event that is tied to a zone', () => {
  const eventsIn = async (zones: unknown) => {
    const { code, stdout } = await detect('street.mp4', zones, '--events', 'person_walking', '--json')
    expect(code).toBe(0)
    return JSON.parse(stdout).events as { readonly event: string }[]
  }

  test('is found in the zone where it happens, and in no other', async () => {
    const zones = { sky: SKY, ground: GROUND }
    expect(await eventsIn({ zones })).not.toEqual([])
    expect(await eventsIn({ zones, event_zones: { person_walking: ['ground'] } })).not.toEqual([])
    expect(await eventsIn({ zones, event_zones: { person_walking: ['sky'] } })).toEqual([])
  })
})

test('a wrong file or number is refused with one line before anything is read', async () => {
  const pixels = await detect('missing.mp4', {
    zones: {
      gate: [
        [64, 1],
        [640, 1],
        [640, 360],
      ],
    },
  })
  expect(pixels.output.trim()).toMatch(
    /^watchword: .*zones\.json:1:20 zones\.gate\.0\.0: Expected fractions of the image, such as 0\.5, got 64: divide by the width$/,
  )
  const event = await detect('missing.mp4', { zones: { sky: SKY }, event_zones: { person_wlking: ['sky'] } })
  expect(event.output.trim()).toMatch(
    /: Event `person_wlking` is not among those to detect; did you mean `person_walking`\?$/,
  )
  const crops = await detect('missing.mp4', {}, '--crops', '5')
  expect(crops.output).toMatch(/Expected a whole number from 0 to 4, got "5"/)
  for (const { code } of [pixels, event]) expect(code).toBe(1)
})
