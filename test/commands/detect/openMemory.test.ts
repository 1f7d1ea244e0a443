import { expect, test } from 'vitest'
import { bankFolder } from '../../../src/bank/bankFolder.ts'
import { admit, EMPTY_RESERVOIR } from '../../../src/bank/reservoir.ts'
import { openMemory } from '../../../src/commands/detect/openMemory.ts'
import type { EventText, ScoringTexts } from '../../../src/scoringTypes.ts'
import type { Light, SeenView } from '../../../src/types.ts'
import { WatchwordError } from '../../../src/util/errors.ts'
import { createRandom } from '../../../src/util/random.ts'
import { normalize } from '../../../src/util/vector.ts'
import { numberedVideo, placeOf } from '../../support/numberedVideo.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const DIM = 8
const axis = (place: number) => Float32Array.from({ length: DIM }, (_, i) => (i === place ? 1 : 0))
const event = (name: string, place: number): EventText => ({
  event: name,
  positive: axis(place),
  contrast: [axis(6), axis(7)],
  levels: null,
})
const texts: ScoringTexts = {
  variant: 'fp32',
  logitScale: 100,
  calibration: { centre: 5, width: 1 },
  events: [event('van', 0), event('road', 1)],
}

/** The images show the road always and the van never. */
function vectorOf(place: number): Float32Array {
  const random = createRandom(place)
  const vector = Float32Array.from({ length: DIM }, () => random.normal(0, 0.1))
  vector[1] = 1
  return normalize(vector)
}

const encoder = {
  variant: 'fp32',
  modelSha: 'a'.repeat(64),
  dim: DIM,
  maxBatch: 8,
  encode: async (pictures: readonly Uint8Array[]) => ({
    variant: 'fp32',
    embeddings: pictures.map(picture => vectorOf(placeOf(picture))),
    seconds: 0,
  }),
}

async function open(calibrate: string, more: { fault?: Error; texts?: ScoringTexts; dataDir?: string } = {}) {
  const steps: string[] = []
  const opened: string[] = []
  const memory = await openMemory({
    calibrate,
    video: 'own.mp4',
    dataDir: more.dataDir ?? temporaryFolder(),
    texts: more.texts ?? texts,
    encoder,
    open: path => {
      opened.push(path)
      return numberedVideo(240, 0.5, more.fault ?? null)
    },
    views: { crops: 0, zones: [] },
    onStep: sentence => steps.push(sentence),
  })
  const fits = (light: Light) => memory.fits({ frame: { light }, world: 'whole' } as SeenView)
  return { steps, opened, van: fits('day')('van'), road: fits('day')('road'), fits }
}

test('own: the video itself teaches each event’s quiet level', async () => {
  const { opened, van, fits } = await open('own')
  expect(opened).toEqual(['own.mp4'])
  expect(van?.images).toBe(240)
  expect(fits('infrared')('van')).toEqual(van)
})

test('an event that the images show all the time is left to the model, with a line that says so', async () => {
  const { road, steps } = await open('own')
  expect(road).toBeNull()
  expect(steps.at(-1)).toMatch(/^road: the images show it too often/)
})

test('a path: another video teaches, and must be readable', async () => {
  const { opened, van } = await open('yesterday.mp4')
  expect(opened).toEqual(['yesterday.mp4'])
  expect(van?.images).toBe(240)
  const fault = new WatchwordError('No such file', { code: 'video-not-found' })
  await expect(open('yesterday.mp4', { fault })).rejects.toThrow('No such file')
})

test('own: damage is reported when the events are looked for, not here; a bug is not hidden', async () => {
  const fault = new WatchwordError('Cannot read', { code: 'video-damaged' })
  expect((await open('own', { fault })).van?.images).toBe(240)
  await expect(open('own', { fault: new TypeError('a bug') })).rejects.toThrow('a bug')
})

test('prior, and a model that knows its scale: nothing is read', async () => {
  const known = { ...texts, calibration: { centre: -2, width: 3, images: 1e6 } }
  for (const { van, opened } of [await open('prior'), await open('own', { texts: known })]) {
    expect(van).toBeNull()
    expect(opened).toEqual([])
  }
})

test('camera:NAME: the bank of a camera, by light', async () => {
  const dataDir = temporaryFolder()
  let reservoir = EMPTY_RESERVOIR
  for (let place = 0; place < 60; place++) {
    const at = place * 120_000
    reservoir = admit(reservoir, { embedding: vectorOf(place), at, light: 'night', scores: {} }, DIM)
  }
  const bank = { camera: 'gate', sha256: encoder.modelSha, variant: 'fp32', dim: DIM, reservoir }
  await bankFolder(dataDir).write(bank)
  const { fits, opened } = await open('camera:gate', { dataDir })
  expect(opened).toEqual([])
  expect(fits('night')('van')?.images).toBe(60)
  expect(fits('day')('van')).toBeNull()
  await expect(open('camera:door', { dataDir })).rejects.toMatchObject({ code: 'bank-missing' })
})
