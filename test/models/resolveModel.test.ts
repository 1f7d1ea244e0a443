import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { copyFile, cp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/models/readCatalog.ts'
import { type ResolveOptions, resolveModel } from '../../src/models/resolveModel.ts'
import { listVariants, verifyModel } from '../../src/models/verifyModel.ts'
import { lockDirectory } from '../../src/util/lockDirectory.ts'
import { FACTS } from '../support/catalogEntry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const tiny = fileURLToPath(new URL('../fixtures/clip/tiny', import.meta.url))

let dataDir: string
let checkpoint: string
/** Calls of the model builder. */
let work: string[]

beforeEach(() => {
  dataDir = temporary()
  checkpoint = temporary()
  writeFileSync(join(checkpoint, 'config.json'), '{}')
  writeFileSync(join(checkpoint, 'model.safetensors'), 'weights')
  work = []
})

/** The models in the data directory. What begins with a dot is a lock. */
function made(): string[] {
  return readdirSync(join(dataDir, 'models')).filter(name => !name.startsWith('.'))
}

function temporary(): string {
  const dir = temporaryFolder()
  return dir
}

/** Stands in for the exporter: its model is tiny/ without the int8 variant, which is made from there too. */
const modelBuilder: ResolveOptions['modelBuilder'] = {
  async exportModel(_, modelDir) {
    work.push('export')
    await cp(tiny, modelDir, { recursive: true, filter: path => !path.includes('int8') })
  },
  async makeVariant(modelDir, variant) {
    work.push(variant)
    for (const file of [`vision.${variant}.onnx`, `${variant}.json`])
      await copyFile(join(tiny, file), join(modelDir, file))
  },
}
const entry = {
  description: 'd',
  ...FACTS,
  repository: 'a/b',
  revision: '0'.repeat(40),
  form: 'checkpoint',
} as const
const catalog: Catalog = { 'clip-vit': { ...entry, files: [] } }

function resolve(nameOrDir: string, change: Partial<ResolveOptions> = {}) {
  return resolveModel(nameOrDir, { variant: 'fp32', dataDir, modelBuilder, catalog, bundledDir: checkpoint, ...change })
}

describe('the bundled model', () => {
  test('is exported at first use, and the variant made; then both are there', async () => {
    const steps: string[] = []
    const model = await resolve('demo', { variant: 'int8', onStep: step => steps.push(step) })
    expect(model).toMatchObject({
      name: 'demo',
      variants: ['fp32', 'int8'],
      card: { name: 'tiny' },
      variant: { variant: 'int8' },
    })
    expect(model.dir.startsWith(join(dataDir, 'models', 'demo-'))).toBe(true)
    expect(steps).toEqual(['Exporting demo to ONNX (once)', 'Making the int8 variant of demo (once)'])
    expect(await resolve('demo', { variant: 'int8' })).toEqual(model)
    expect(work).toEqual(['export', 'int8'])
    expect(made()).toHaveLength(1)
  })

  test('is exported once when several ask at the same time', async () => {
    const models = await Promise.all(Array.from({ length: 4 }, () => resolve('demo', { variant: 'int8' })))
    expect(new Set(models.map(({ dir }) => dir)).size).toBe(1)
    expect(work).toEqual(['export', 'int8'])
  })

  test('leftovers of a killed export are removed by the next one at any clock time', async () => {
    const { dir } = await resolve('demo')
    rmSync(dir, { recursive: true })
    mkdirSync(`${dir}.part-of-a-killed-export`)
    await resolve('demo')
    expect(made()).toEqual([basename(dir)])
  })

  test('an exported model may only be read by its owner', async () => {
    const { dir } = await resolve('demo')
    for (const folder of [join(dataDir, 'models'), dir]) expect(statSync(folder).mode & 0o777, folder).toBe(0o700)
  })

  test('waiting for another process ends with the signal', async () => {
    const { dir } = await resolve('demo')
    rmSync(dir, { recursive: true })
    const lock = await lockDirectory(join(dataDir, 'models'), { name: basename(dir) })
    const stop = new AbortController()
    const steps: string[] = []
    const onStep = (step: string) => {
      steps.push(step)
      stop.abort(new Error('stopped'))
    }
    await expect(resolve('demo', { onStep, signal: stop.signal })).rejects.toThrow('stopped')
    expect(steps).toEqual(['Waiting for another process, which exports demo'])
    await lock?.release()
  })

  test('is exported again when its files change', async () => {
    const before = await resolve('demo')
    writeFileSync(join(checkpoint, 'model.safetensors'), 'other weights')
    const after = await resolve('demo')
    expect(after.dir).not.toBe(before.dir)
  })

  test('an export that fails leaves nothing behind', async () => {
    const broken = { ...modelBuilder, exportModel: async (_: string, dir: string) => failAfterWriting(dir) }
    await expect(resolve('demo', { modelBuilder: broken })).rejects.toThrow('half way')
    expect(made()).toEqual([])
    await resolve('demo')
  })

  test('a data directory that cannot be written', async () => {
    const blocked = join(dataDir, 'file')
    writeFileSync(blocked, '')
    await expect(resolve('demo', { dataDir: blocked })).rejects.toMatchObject({ code: 'unwritable' })
  })
})

describe('a folder', () => {
  test('that is a model directory is used where it is', async () => {
    const model = await resolve(tiny, { variant: 'int8' })
    expect(model).toMatchObject({ name: 'tiny', dir: tiny, variants: ['fp32', 'int8'] })
    expect(work).toEqual([])
  })

  test('that is a checkpoint is exported', async () => {
    const model = await resolve(checkpoint)
    expect(model.dir.startsWith(join(dataDir, 'models'))).toBe(true)
    expect(work).toEqual(['export'])
  })

  test('of the user’s is never written to: a variant that is not there', async () => {
    await expect(resolve(tiny, { variant: 'int4' })).rejects.toMatchObject({
      code: 'variant-missing',
      message: `Expected the variant int4 in ${tiny}, found fp32, int8`,
    })
  })

  test.each([
    ['is not there', '/nowhere/at/all'],
    ['is something else', tmpdir()],
  ])('that %s', async (_, dir) => {
    await expect(resolve(dir)).rejects.toMatchObject({ code: 'model-unknown' })
  })
})

test('a folder in OpenCLIP’s layout is a checkpoint', async () => {
  rmSync(join(checkpoint, 'config.json'))
  writeFileSync(join(checkpoint, 'open_clip_config.json'), '{}')
  await resolve(checkpoint)
  expect(work).toEqual(['export'])
})

describe('a name', () => {
  test('of a model that was pulled', async () => {
    cpSync(checkpoint, join(dataDir, 'checkpoints', 'clip-vit'), { recursive: true })
    expect(await resolve('clip-vit')).toMatchObject({ name: 'clip-vit' })
    expect(work).toEqual(['export'])
  })

  test('of an ONNX pair that was pulled: its variants are made beside it', async () => {
    const dir = join(dataDir, 'models', 'pair')
    cpSync(tiny, dir, { recursive: true, filter: path => !path.includes('int8') })
    expect(await resolve('pair', { variant: 'int8' })).toMatchObject({ dir, variants: ['fp32', 'int8'] })
    expect(work).toEqual(['int8'])
  })

  test('that could be pulled has a hint', async () => {
    await expect(resolve('clip-vit')).rejects.toMatchObject({
      code: 'model-not-pulled',
      hint: expect.stringContaining('watchword models pull clip-vit'),
    })
  })

  test('that is misspelt', async () => {
    await expect(resolve('clip-vid')).rejects.toMatchObject({ code: 'model-unknown', hint: 'Did you mean `clip-vit`?' })
  })

  test('that is nothing like any', async () => {
    await expect(resolve('resnet')).rejects.toMatchObject({
      code: 'model-unknown',
      hint: 'Known names: demo, clip-vit',
    })
  })
})

describe('damage', () => {
  let dir: string
  beforeEach(() => {
    dir = join(temporary(), 'model')
    mkdirSync(dir)
    cpSync(tiny, dir, { recursive: true })
  })

  test('a variant’s file that changed: both hashes are named', async () => {
    writeFileSync(join(dir, 'vision.int8.onnx'), 'changed')
    const { sha256 } = JSON.parse(readFileSync(join(tiny, 'int8.json'), 'utf8'))
    const error = await resolve(dir, { variant: 'int8' }).catch(error => error)
    expect(error).toMatchObject({ code: 'model-file-corrupt', facts: { expected: sha256 } })
    expect(error.message).toContain(sha256)
  })

  test.each(['vision.int8.onnx', 'text.onnx', 'vocab.json', 'merges.txt'])('a file that is missing: %s', async file => {
    rmSync(join(dir, file))
    await expect(resolve(dir, { variant: 'int8' })).rejects.toMatchObject({
      code: 'model-file-missing',
      message: expect.stringContaining(file),
    })
  })

  test('verify reports every file’s state', async () => {
    const model = await resolve('demo', { variant: 'int8' })
    expect((await verifyModel(model.dir)).map(({ file, state }) => `${file} ${state}`)).toEqual([
      'text.onnx ok',
      'vocab.json ok',
      'merges.txt ok',
      'vision.fp32.onnx ok',
      'vision.int8.onnx ok',
    ])
    writeFileSync(join(model.dir, 'text.onnx'), 'changed')
    rmSync(join(model.dir, 'merges.txt'))
    const states = (await verifyModel(model.dir)).map(({ state }) => state)
    expect(states).toEqual(['corrupt', 'ok', 'missing', 'ok', 'ok'])
  })

  test('a file without a recorded hash is unknown, not corrupt', async () => {
    expect((await verifyModel(dir)).slice(0, 3).map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown'])
  })
})

test('variants are listed with fp32 first', async () => {
  expect(await listVariants(tiny)).toEqual(['fp32', 'int8'])
})

async function failAfterWriting(dir: string): Promise<never> {
  await writeFile(join(dir, 'model.json'), '{}')
  throw new Error('half way')
}
