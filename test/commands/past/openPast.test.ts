import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openAnswers } from '../../../src/answers/openAnswers.ts'
import { bankFolder } from '../../../src/bank/bankFolder.ts'
import { EMPTY_RESERVOIR, insert } from '../../../src/bank/reservoir.ts'
import { openPast, type PastDeps, type PastOptions } from '../../../src/commands/past/openPast.ts'
import type { ScoringTexts } from '../../../src/scoringTypes.ts'
import type { EncodedFrame, Light, SeenView } from '../../../src/types.ts'
import { float32ToFloat16 } from '../../../src/util/float16.ts'
import { createRandom } from '../../../src/util/random.ts'
import { answerOf } from '../../support/answers.ts'
import { axis, bankEntry, DIM, sceneImage } from '../../support/embeddings.ts'
import { memoryHistory, moments } from '../../support/memoryHistory.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const SHA = 'ab'.repeat(32)
const TEXTS: ScoringTexts = {
  variant: 'int8',
  logitScale: 100,
  calibration: { centre: 5, width: 1 },
  events: [{ event: 'van', positive: axis(0), contrast: [axis(1), axis(2)], levels: null }],
}

/** A minute apart, so that every image is worth learning. */
function scenes(camera: string, count = 100): EncodedFrame[] {
  const images = Array.from({ length: count }, (_, i) => sceneImage(createRandom(`scene ${i}`), { noise: 0.1 }))
  return moments(camera, images, { everyMs: 61_000 })
}

interface Given {
  readonly signals?: readonly EncodedFrame[]
  readonly texts?: ScoringTexts
  readonly storedModels?: readonly string[]
  readonly deps?: Partial<PastDeps>
  readonly config?: string
}

function setUp({
  signals = scenes('front'),
  texts = TEXTS,
  storedModels = ['abababababab.int8'],
  deps = {},
  config,
}: Given = {}) {
  const folder = temporaryFolder()
  const path = join(folder, 'home.yaml')
  writeFileSync(path, config ?? `cameras: { front: { url: 'demo:street' } }\ndata_dir: ${folder}\n`)
  const reader = memoryHistory(signals)
  const places: unknown[] = []
  const steps: string[] = []
  const open = (options: PastOptions = {}) =>
    openPast(
      { config: path, ...options },
      {
        openReader: place => {
          places.push(place)
          return reader
        },
        storedModels: () => storedModels,
        onStep: step => steps.push(step),
        openTexts: async () => ({
          model: {
            name: 'fake',
            dir: folder,
            card: { embedDim: DIM } as never,
            variant: { sha256: SHA, variant: 'int8' } as never,
            variants: ['int8'],
          },
          texts: async () => texts,
        }),
        ...deps,
      },
    )
  return { folder, path, reader, places, steps, open }
}

const seen = (light: Light = 'day', world = 'whole') => ({ frame: { light }, world }) as SeenView

describe('opening', () => {
  test('reads the history of the config’s model in the config’s data directory', async () => {
    const { open, places, folder, path } = setUp()
    const past = await open()
    expect(places).toMatchObject([{ dataDir: folder, model: { sha256: SHA, variant: 'int8', dim: DIM } }])
    expect([past.dataDir, past.path, past.histories.map(({ camera }) => camera)]).toEqual([folder, path, ['front']])
  })

  test('--data-dir is stronger than the config', async () => {
    const { open, places } = setUp()
    await open({ dataDir: '/elsewhere' })
    expect(places).toMatchObject([{ dataDir: '/elsewhere' }])
  })

  test('closing closes the reader; so does a failure', async () => {
    const { open, reader } = setUp()
    const past = await open()
    expect(reader.isClosed()).toBe(false)
    await past.close()
    expect(reader.isClosed()).toBe(true)
    const failing = setUp({ signals: [] })
    await failing.open().catch(() => undefined)
    expect(failing.reader.isClosed()).toBe(true)
  })

  test('no history yet: one line that says where it comes from', async () => {
    const { open, folder, places } = setUp({ signals: [], storedModels: [] })
    await expect(open()).rejects.toMatchObject({
      code: 'history-missing',
      message: `No history yet in ${folder}: \`watchword run\` stores it while it watches`,
    })
    expect(places).toEqual([])
  })

  test('history of another model: it says of which', async () => {
    const { open } = setUp({ signals: [], storedModels: ['0123456789ab.fp32', '0123456789ab.int8'] })
    await expect(open()).rejects.toMatchObject({
      code: 'history-missing',
      message: expect.stringMatching(
        /^No history of fake int8 \(abababababab\.int8\) in .*, but of 0123456789ab\.fp32, 0123456789ab\.int8$/,
      ),
    })
  })

  test('a wrong config is reported as for run', async () => {
    await expect(setUp({ config: 'cameras: 3\n' }).open()).rejects.toMatchObject({ code: 'config-invalid' })
  })
})

describe('what a camera usually shows', () => {
  test('is learned from its own history while it has no bank', async () => {
    const { open, reader } = setUp()
    const past = await open()
    const memory = await past.memoryOf('front', TEXTS)
    const fit = memory.fits(seen())('van')
    expect(fit?.images).toBeGreaterThan(50)
    expect(fit?.centre).toBeGreaterThan(fit?.location ?? Number.POSITIVE_INFINITY)
    // Lights in which nothing was seen teach nothing, and the history is read once.
    expect(memory.fits(seen('infrared'))('van')).toBeNull()
    const reads = reader.reads()
    await past.memoryOf('front', TEXTS)
    expect(reader.reads()).toBe(reads)
  })

  test('is what its bank holds, where it has one', async () => {
    const { open, folder, reader } = setUp()
    const entries = Array.from({ length: 30 }, (_, i) => bankEntry(i * 61_000))
    const reservoir = entries.reduce(insert, EMPTY_RESERVOIR)
    await bankFolder(folder).write({ camera: 'front', sha256: SHA, variant: 'int8', dim: DIM, reservoir })
    const past = await open()
    expect((await past.memoryOf('front', TEXTS)).fits(seen())('van')?.images).toBe(30)
    expect(reader.reads()).toBe(0)
  })

  test('is nothing for a model that knows its own world', async () => {
    const texts = { ...TEXTS, calibration: { ...TEXTS.calibration, images: 1e12 } }
    const past = await setUp({ texts }).open()
    expect((await past.memoryOf('front', texts)).fits(seen())('van')).toBeNull()
  })

  test('is nothing for an event that is not asked about, and for a camera without history', async () => {
    const past = await setUp().open()
    expect((await past.memoryOf('front', TEXTS)).fits(seen())('dog')).toBeNull()
    expect((await past.memoryOf('back', TEXTS)).fits(seen())('van')).toBeNull()
  })

  test('answers of the user change it', async () => {
    const past = await setUp().open()
    const imagesOf = async () => (await past.memoryOf('front', TEXTS)).fits(seen())('van')?.images ?? 0
    const before = await imagesOf()
    const { sha256, variant, dim } = past.model
    const vector = float32ToFloat16(axis(0, dim))
    const image = { sha256, variant, world: 'whole', light: seen().frame.light, vector }
    await openAnswers(past.dataDir).add(answerOf('a', { event: 'van', yes: false, image }))
    expect(await imagesOf()).toBe(before + 1)
  })
})
