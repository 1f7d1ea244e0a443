import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../src/onnx/openCheckpoint.ts'
import { readSafetensors, type StoredTensor } from '../../src/onnx/readSafetensors.ts'
import { floatsOf } from '../../src/onnx/tensor.ts'
import { copyTiny, openTiny, readReference, TINY, tinyDir } from './fixtures.ts'

it.each(TINY)('counts the weights of %s, not its buffers', async name => {
  const checkpoint = await openTiny(name)
  expect(checkpoint.parameters('vision') + checkpoint.parameters('text')).toBe(readReference(name).parameters)
})

it('returns half-precision weights as float32, read at each use', async () => {
  const tensor = (await openCheckpoint(tinyDir('half'))).tensor('visual_projection.weight', [16, 32])
  expect(tensor).toMatchObject({ dtype: 'float32', dims: [16, 32], byteLength: 2048 })
  expect(floatsOf(tensor)).toEqual(floatsOf(tensor))
  expect(tensor.read()).not.toBe(tensor.read())
})

it.each([
  ['as it is stored', 'text_model.embeddings.token_embedding.weight', [90, 32]],
  ['that is one third of a packed one', 'vision_model.head.attention.v_proj.weight', [32, 32]],
] as const)('returns a weight %s in parts, too', async (_, name, dims) => {
  const tensor = (await openCheckpoint(tinyDir('siglip-p16'))).tensor(name, dims)
  expect(Buffer.concat([...(tensor.parts?.() ?? [])])).toEqual(Buffer.from(tensor.read()))
})

it('hashes shards in order', async () => {
  const dir = tinyDir('gelu-p16')
  const hash = createHash('sha256')
  for (const shard of [1, 2]) hash.update(readFileSync(join(dir, `model-0000${shard}-of-00002.safetensors`)))
  expect((await openCheckpoint(dir)).sha256()).toBe(hash.digest('hex'))
})

describe('reports the mistake in', () => {
  const open = (name: Parameters<typeof copyTiny>[0], change: (dir: string) => void) =>
    openCheckpoint(copyTiny(name, change))
  const index = 'model.safetensors.index.json'
  const shard = 'model-00002-of-00002.safetensors'

  it.each([
    [
      'no weights',
      'half',
      (dir: string) => rmSync(join(dir, 'model.safetensors')),
      'checkpoint-missing',
      /Expected model\.safetensors/,
    ],
    [
      'no config.json',
      'half',
      (dir: string) => rmSync(join(dir, 'config.json')),
      'file-unreadable',
      /config\.json: no such file/,
    ],
    [
      'a config.json that was cut',
      'half',
      (dir: string) => writeFileSync(join(dir, 'config.json'), '{"mod'),
      'json-invalid',
      /Expected JSON/,
    ],
    [
      'a missing shard',
      'gelu-p16',
      (dir: string) => rmSync(join(dir, shard)),
      'file-unreadable',
      /00002.*no such file/,
    ],
    [
      'an index without map',
      'gelu-p16',
      (dir: string) => writeFileSync(join(dir, index), '{}'),
      'safetensors-invalid',
      /weight_map/,
    ],
    [
      'an index that is null',
      'gelu-p16',
      (dir: string) => writeFileSync(join(dir, index), 'null'),
      'safetensors-invalid',
      /weight_map/,
    ],
    [
      'an index that leads elsewhere',
      'gelu-p16',
      (dir: string) => writeFileSync(join(dir, index), '{"weight_map":{"a":"../b.safetensors"}}'),
      'safetensors-invalid',
      /weight_map/,
    ],
  ] as const)('%s', async (_, name, change, code, message) => {
    await expect(open(name, change)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('weights that exist as pickle only', async () => {
    const change = (dir: string) => renameSync(join(dir, 'model.safetensors'), join(dir, 'pytorch_model.bin'))
    await expect(open('half', change)).rejects.toMatchObject({
      hint: expect.stringContaining('Only pytorch_model.bin'),
    })
  })

  it('a tensor that is missing, by name', async () => {
    const checkpoint = await openCheckpoint(tinyDir('half'))
    expect(() => checkpoint.tensor('vision_model.extra', [1])).toThrow(
      expect.objectContaining({
        code: 'checkpoint-tensor-missing',
        message: expect.stringContaining('`vision_model.extra`'),
      }),
    )
  })

  it('a weight that is NaN', async () => {
    const checkpoint = await open('quick-gelu-p32', dir => {
      const path = join(dir, 'model.safetensors')
      const bytes = readFileSync(path)
      const { offset } = readSafetensors(path).get('visual_projection.weight') as StoredTensor
      bytes.writeFloatLE(Number.NaN, offset + 40)
      writeFileSync(path, bytes)
    })
    expect(() => checkpoint.tensor('visual_projection.weight', [24, 36]).read()).toThrow(
      expect.objectContaining({
        code: 'safetensors-invalid',
        message: expect.stringMatching(/^Expected numbers in `visual_projection\.weight`, got NaN or infinity in /),
      }),
    )
  })

  it('more layers than in config.json', async () => {
    const change = (dir: string) => {
      const path = join(dir, 'config.json')
      const config = JSON.parse(readFileSync(path, 'utf8'))
      config.text_config.num_hidden_layers = 1
      writeFileSync(path, JSON.stringify(config))
    }
    await expect(open('quick-gelu-p32', change)).rejects.toMatchObject({
      code: 'checkpoint-shape',
      message: expect.stringMatching(/^Expected 1 layers in the text tower, as config\.json says, got more in /),
    })
  })

  it('a tensor of another shape', async () => {
    const checkpoint = await openCheckpoint(tinyDir('half'))
    expect(() => checkpoint.tensor('visual_projection.weight', [32, 16])).toThrow(
      /Expected `visual_projection\.weight` to have shape \[32,16\], got \[16,32\]/,
    )
  })
})
