import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { embedPhrases } from '../../src/clip/embedPhrases.ts'
import { showDownload } from '../../src/commands/models/showDownload.ts'
import { register } from '../../src/commands/models.ts'
import { type Catalog, readCatalog, relativeCost } from '../../src/models/readCatalog.ts'
import { lockDirectory } from '../../src/util/lockDirectory.ts'
import { FACTS } from '../support/catalogEntry.ts'
import { type FaultyServer, startFaultyServer } from '../support/faultyServer.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

vi.mock('../../src/models/readCatalog.ts', { spy: true })

const plain = fileURLToPath(new URL('../fixtures/clip/tiny-plain', import.meta.url))
const REVISION = 'a'.repeat(40)

/** The hub's files: an ONNX pair and a checkpoint. */
const pair = {
  'onnx/vision_model.onnx': readFileSync(join(plain, 'vision.fp32.onnx')),
  'onnx/text_model.onnx': readFileSync(join(plain, 'text.onnx')),
  'vocab.json': readFileSync(join(plain, 'vocab.json')),
  'merges.txt': readFileSync(join(plain, 'merges.txt')),
}
const names: Record<string, string> = {
  'onnx/vision_model.onnx': 'vision.fp32.onnx',
  'onnx/text_model.onnx': 'text.onnx',
}
const checkpoint = { 'config.json': Buffer.from('{"model_type":"clip"}'), 'model.safetensors': Buffer.alloc(5000, 7) }

function pinned(files: Record<string, Buffer>) {
  return Object.entries(files).map(([path, content]) => ({
    path,
    as: names[path] ?? path,
    bytes: path === 'merges.txt' ? null : content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }))
}

const catalog: Catalog = {
  'tiny-pair': {
    description: 'two towers',
    ...FACTS,
    repository: 'someone/pair',
    revision: REVISION,
    form: 'onnx-towers',
    files: pinned(pair),
    card: {
      imageSize: 8,
      patchSize: 8,
      embedDim: 16,
      contextLength: 12,
      vocabSize: 514,
      eosTokenId: 513,
      logitScale: 100,
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
      parameters: { vision: 3088, text: 8224 },
      text: { padTokenId: null },
    },
  },
  'tiny-checkpoint': {
    description: 'weights',
    ...FACTS,
    repository: 'someone/checkpoint',
    revision: REVISION,
    form: 'checkpoint',
    files: pinned(checkpoint),
  },
}

let server: FaultyServer
let dataDir: string

beforeEach(async () => {
  const at = (repository: string, files: Record<string, Buffer>) =>
    Object.entries(files).map(([path, content]) => [`/${repository}/resolve/${REVISION}/${path}`, content])
  server = await startFaultyServer(
    Object.fromEntries([...at('someone/pair', pair), ...at('someone/checkpoint', checkpoint)]),
  )
  dataDir = temporaryFolder()
  vi.mocked(readCatalog).mockResolvedValue(catalog)
  onTestFinished(async () => {
    await server.stop()
  })
})

async function models(...given: (string | ((text: string) => void))[]): Promise<{ out: string; err: string }> {
  const written = { out: '', err: '' }
  const args = given.filter(arg => typeof arg === 'string')
  const onError = given.find(arg => typeof arg === 'function')
  const program = new Command('watchword').exitOverride()
  register(program, {
    stdout: { write: text => (written.out += text) },
    stderr: {
      write: text => {
        written.err += text
        onError?.(text)
      },
    },
    env: { HF_ENDPOINT: server.url, WATCHWORD_DATA: dataDir },
  })
  await program.parseAsync(['models', ...args], { from: 'user' })
  return written
}

async function json(...args: string[]) {
  return JSON.parse((await models(...args, '--json')).out)
}

describe('the real registry', () => {
  test('lists what each form needs', async () => {
    vi.mocked(readCatalog).mockRestore()
    const real = await readCatalog()
    for (const [name, { form, files, card }] of Object.entries(real)) {
      const kept = files.map(file => file.as)
      const isOpenClip = kept.includes('open_clip_config.json')
      const weights = isOpenClip
        ? ['open_clip_config.json', 'open_clip_model.safetensors']
        : ['config.json', 'model.safetensors']
      expect(kept, name).toEqual(
        expect.arrayContaining(form === 'onnx-towers' ? ['vision.fp32.onnx', 'text.onnx'] : weights),
      )
      const tokenizers = [['vocab.json', 'merges.txt'], ['spiece.model'], ['tokenizer.json']]
      expect(
        tokenizers.some(tokenizer => tokenizer.every(file => kept.includes(file))),
        name,
      ).toBe(true)
      expect(card !== undefined, name).toBe(form === 'onnx-towers')
    }
  })

  test('recommends one model, and research models ask for their licence', async () => {
    vi.mocked(readCatalog).mockRestore()
    const real = await readCatalog()
    const entries = Object.entries(real)
    const names = (wanted: (entry: Catalog[string]) => boolean) =>
      entries.filter(([, entry]) => wanted(entry)).map(([name]) => name)
    expect(names(({ isRecommended }) => isRecommended === true)).toEqual(['clip-vit-b-32-256-datacomp'])
    const free = new Set(['MIT', 'Apache-2.0'])
    expect(names(({ license }) => license.restriction !== undefined)).toEqual(
      names(({ license }) => !free.has(license.name)),
    )
    const datacomp = real['clip-vit-b-32-256-datacomp'] as Catalog[string]
    expect(relativeCost(datacomp)).toBeCloseTo(1.3, 1)
  })
})

/** What begins with a dot is a lock. */
function modelsIn(folder: string): string[] {
  return readdirSync(join(dataDir, folder)).filter(name => !name.startsWith('.'))
}

describe('pull', () => {
  test('an ONNX pair becomes a model directory that works offline', async () => {
    const { out, err } = await models('pull', 'tiny-pair')
    const dir = join(dataDir, 'models', 'tiny-pair')
    expect(out).toContain(dir)
    expect(err).toContain('downloading onnx/vision_model.onnx')
    expect(modelsIn('models')).toEqual(['tiny-pair'])
    await server.stop()
    const events = [{ event: 'cat', prompts: ['cat'], negativePrompts: ['dog'], levels: null }]
    const cacheDir = join(dataDir, 'texts')
    const texts = await embedPhrases({ modelDir: dir, variant: 'fp32', events, cacheDir }, { emit: () => {} })
    expect(texts).toMatchObject({ logitScale: 100, calibration: { centre: 5, width: 1 } })
    expect((await models('verify', 'tiny-pair')).out).not.toMatch(/missing|corrupt|unknown/)
  })

  test('a checkpoint waits for its export', async () => {
    const { dir } = await json('pull', 'tiny-checkpoint')
    expect(readdirSync(dir).sort()).toEqual(['config.json', 'model.safetensors', 'source.json'])
    await expect(models('info', 'tiny-checkpoint')).rejects.toMatchObject({ code: 'model-not-made' })
  })

  test('twice fetches once', async () => {
    await models('pull', 'tiny-pair')
    const visits = server.visits.length
    await models('pull', 'tiny-pair')
    expect(server.visits).toHaveLength(visits)
  })

  test('wrong bytes: both hashes, and no model', async () => {
    vi.mocked(readCatalog).mockResolvedValue(withSha('0'.repeat(64)))
    await expect(models('pull', 'tiny-checkpoint')).rejects.toMatchObject({ code: 'sha-mismatch' })
    expect(existsSync(join(dataDir, 'checkpoints', 'tiny-checkpoint'))).toBe(false)
  })

  test('after a failure the files that came are not fetched again', async () => {
    vi.mocked(readCatalog).mockResolvedValueOnce(withSha('0'.repeat(64)))
    await expect(models('pull', 'tiny-checkpoint')).rejects.toMatchObject({ code: 'sha-mismatch' })
    await models('pull', 'tiny-checkpoint')
    expect(server.visits.filter(({ path }) => path.endsWith('config.json'))).toHaveLength(1)
  })

  test('a second process waits for the first and reports it', async () => {
    const lock = await lockDirectory(join(dataDir, 'checkpoints'), { name: 'tiny-checkpoint' })
    const { out, err } = await models('pull', 'tiny-checkpoint', (text: string) => {
      if (text.startsWith('Waiting for another process')) void lock?.release()
    })
    expect(err).toContain('Waiting for another process, which is pulling tiny-checkpoint\n')
    expect(out).toContain('Pulled tiny-checkpoint to')
  })

  test('a lack of disk space is reported before the download starts', async () => {
    const entry = catalog['tiny-checkpoint'] as Catalog[string]
    const files = entry.files.map(file => ({ ...file, bytes: 2 ** 52 }))
    vi.mocked(readCatalog).mockResolvedValue({ ...catalog, 'tiny-checkpoint': { ...entry, files } })
    await expect(models('pull', 'tiny-checkpoint')).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/needs \d+ MB more, .* has \d+ MB free/),
    })
    expect(server.visits).toEqual([])
  })

  test('a name that is not in the registry', async () => {
    await expect(models('pull', 'tiny-pear')).rejects.toMatchObject({
      code: 'model-unknown',
      hint: 'Did you mean `tiny-pair`?',
    })
  })

  test('a licence that forbids some uses is accepted by its name', async () => {
    const license = { name: 'research-1', url: 'https://example.org/research', restriction: 'for research only' }
    vi.mocked(readCatalog).mockResolvedValue({
      ...catalog,
      'tiny-pair': { ...(catalog['tiny-pair'] as Catalog[string]), license },
    })
    await expect(models('pull', 'tiny-pair')).rejects.toMatchObject({ code: 'license-not-accepted' })
    expect(modelsIn('models')).toEqual([])
    await models('pull', 'tiny-pair', '--accept-license', 'research-1')
    expect(modelsIn('models')).toEqual(['tiny-pair'])
    expect((await models('list')).out).toMatch(/tiny-pair +63\.3 % +2\.0x +English +research-1: for research only\n/)
  })

  test('no hub', async () => {
    await server.stop()
    await expect(models('pull', 'tiny-pair')).rejects.toMatchObject({ code: 'hub-unreachable' })
  })

  function withSha(sha256: string): Catalog {
    const entry = catalog['tiny-checkpoint'] as Catalog[string]
    const files = entry.files.map(file => (file.path === 'model.safetensors' ? { ...file, sha256 } : file))
    return { ...catalog, 'tiny-checkpoint': { ...entry, files } }
  }
})

describe('list', () => {
  test('lists local models and those that can be pulled', async () => {
    await models('pull', 'tiny-pair')
    cpSync(plain, join(dataDir, 'models', 'mine-0123456789ab'), { recursive: true })
    const list = await json('list')
    expect(list.map(({ name, state, variants }: Record<string, unknown>) => [name, state, variants])).toEqual([
      ['demo', 'bundled', []],
      ['tiny-pair', 'here', ['fp32']],
      ['tiny-checkpoint', 'not pulled', []],
      ['mine-0123456789ab', 'made', ['fp32']],
    ])
    expect((await models('list')).out).toMatch(/^name +state +size +variants +what\ndemo +bundled/)
  })

  test('an empty data directory is no error', async () => {
    rmSync(dataDir, { recursive: true })
    expect(await json('list')).toHaveLength(3)
    await models('pull', 'tiny-checkpoint')
  })
})

test('info shows the card and the variants', async () => {
  await models('pull', 'tiny-pair')
  const { card, variants } = await json('info', 'tiny-pair')
  expect(card).toMatchObject({ name: 'tiny-pair', revision: REVISION, source: `${server.url}/someone/pair` })
  expect(variants).toMatchObject([{ variant: 'fp32', cosine: null, calibration: { centre: 5, width: 1 } }])
  const { out } = await models('info', plain)
  expect(out).toContain('8x8, patches of 8, as pixel_values')
  expect(out).toMatch(/fp32 +0\.0 MB +0\.0 % +– +– +0\.500 ± 2\.000/)
})

describe('verify', () => {
  test('a damaged file fails, and its hash is named', async () => {
    await models('pull', 'tiny-pair')
    writeFileSync(join(dataDir, 'models', 'tiny-pair', 'text.onnx'), 'changed')
    await expect(models('verify')).rejects.toMatchObject({ code: 'model-file-corrupt' })
    await expect(models('verify', 'tiny-pair', '--json')).rejects.toMatchObject({ code: 'model-file-corrupt' })
  })

  test('a checkpoint is checked before it was ever exported', async () => {
    const { dir } = await json('pull', 'tiny-checkpoint')
    expect((await models('verify', 'tiny-checkpoint')).out).toMatch(/model\.safetensors +ok/)
    writeFileSync(join(dir, 'model.safetensors'), Buffer.alloc(5000, 8))
    await expect(models('verify')).rejects.toMatchObject({ code: 'model-file-corrupt' })
  })

  test('a model that is not here', async () => {
    await expect(models('verify', 'tiny-pair')).rejects.toMatchObject({ code: 'model-not-pulled' })
    await expect(models('verify', 'tiny-pear')).rejects.toMatchObject({ code: 'model-unknown' })
  })

  test('without models there is nothing wrong', async () => {
    expect((await models('verify')).out).toMatch(/^There is no model to verify: .*models pull NAME.*\n$/)
    expect(await json('verify')).toEqual([])
  })
})

describe('rm', () => {
  test('removes a pulled model and the models exported from it', async () => {
    await models('pull', 'tiny-checkpoint')
    cpSync(plain, join(dataDir, 'models', 'tiny-checkpoint-0123456789ab'), { recursive: true })
    const { freedBytes } = await json('rm', 'tiny-checkpoint')
    expect(freedBytes).toBeGreaterThan(5000)
    expect(modelsIn('models')).toEqual([])
    expect(modelsIn('checkpoints')).toEqual([])
  })

  test.each(['..', '../..', 'nothing', ''])('does not remove a folder that is no model: %j', async name => {
    await models('pull', 'tiny-pair')
    await expect(models('rm', name)).rejects.toMatchObject({ code: 'model-unknown' })
    expect(existsSync(join(dataDir, 'models', 'tiny-pair'))).toBe(true)
  })
})

test('on a terminal progress is one line that moves', () => {
  let written = ''
  let now = 0
  const progress = showDownload({ isTTY: true, write: text => (written += text) }, () => now)
  for (const bytes of [0, 10e6, 50e6, 100e6]) {
    progress.show({ file: 'model.onnx', bytes, totalBytes: 100e6 })
    now += 60
  }
  progress.end()
  progress.end()
  const lines = written.split('\r\x1b[K').slice(1)
  expect(lines.map(line => line.match(/(\d+) %/)?.[1])).toEqual(['0', '50', '100'])
  expect(written.endsWith('model.onnx\n')).toBe(true)
})
