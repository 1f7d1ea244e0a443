/** The commands optimize, benchmark and full as a user runs them: separate processes, real ffmpeg, the bundled model, small settings. */

import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadModel } from '../../src/onnx/onnxFile.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { demoClip } from '../support/demoClip.ts'
import { dataDirectory, runCommand } from '../support/product.ts'
import { canMount, mountSmallDisk } from '../support/smallDisk.ts'
import { until } from '../support/until.ts'

let data: ReturnType<typeof dataDirectory>
let video: string
const at = (...names: string[]) => join(data.path, ...names)
const run = (...args: string[]) => runCommand(args, data.path)
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

beforeAll(async () => {
  data = dataDirectory()
  video = at('street.mp4')
  const street = await demoClip({ seed: 'run test', view: 'street', durationSeconds: 60 })
  // Where none is installed, the npm-shipped one: as the product does.
  const { path: ffmpeg } = await findFfmpeg()
  execFileSync(ffmpeg, ['-v', 'error', '-framerate', '10', '-i', street, '-c', 'copy', video])
})
afterAll(() => data.remove())

describe('optimize', () => {
  test('writes variants that pass and rejects those that break the model, with the numbers on every card', async () => {
    const options = ['--variants', 'fp16,int8,pruned-95', '--calibrate', video, '--num-frames', '32', '--json']
    const { code, stdout } = await run('optimize', '--output-dir', at('lean'), ...options)
    const { frames, fp32_bytes, variants, pruned_towers } = JSON.parse(stdout)
    expect(frames).toBe(32)
    expect(variants.map(({ variant }: { variant: string }) => variant)).toEqual(['fp16', 'int8', 'pruned-95'])
    for (const { variant, written, passed, bytes, cosine, agreement, batch_difference } of variants) {
      expect(written).toBe(passed)
      expect(existsSync(at('lean', `vision.${variant}.onnx`))).toBe(written)
      expect(existsSync(at('lean', `${variant}.json`))).toBe(written)
      expect(cosine.frames).toBe(16)
      expect(agreement.decisions % 16).toBe(0)
      expect(batch_difference).toBeLessThanOrEqual(1e-4)
      if (!written) continue
      const card = json(at('lean', `${variant}.json`))
      const file = readFileSync(at('lean', card.file))
      expect(card).toMatchObject({ bytes, cosine, agreement: agreement.share })
      expect(file.length).toBe(bytes)
      expect(card.sha256).toBe(createHash('sha256').update(file).digest('hex'))
    }
    const [fp16, int8, pruned] = variants
    expect(fp16.bytes / fp32_bytes).toBeLessThan(0.51)
    expect(int8.bytes / fp32_bytes).toBeLessThan(0.27)
    expect(pruned.misses[0]).toMatch(/^cosine mean -?\d\.\d{4} is \d\.\d{4} below 0\.9500$/)
    expect(pruned_towers.removed).toBe(pruned_towers.total - pruned_towers.nonZero)
    // Rejected variants that were requested are a failure; no partial files stay.
    expect(code).toBe(1)
    expect(readdirSync(at('lean')).filter(name => /part$|^\.making/.test(name))).toEqual([])
  })

  test('makes a recipe’s variant, and keeps a rejected one with --force', async () => {
    writeFileSync(at('mixed.yaml'), "name: mixed\nstore: int8\nlayers: [{match: '*fc1*', store: int4, prune: 0.97}]\n")
    const options = ['--variants', 'fp32', '--recipe', at('mixed.yaml'), '--calibrate', video, '--num-frames', '8']
    const { code, stdout } = await run('optimize', '--output-dir', at('lean'), ...options, '--force')
    expect(stdout).toMatch(/^mixed .* forced$/m)
    expect(stdout).toMatch(/^mixed was forced: /m)
    expect(code).toBe(0)
    expect(json(at('lean', 'mixed.json')).recipe).toEqual(['int8', '*fc1*: int4, pruned by 97 %'])
  })

  test('writes plain graphs, and imports ONNX towers of another exporter', async () => {
    const few = ['--variants', 'int8', '--calibrate', video, '--num-frames', '4', '--force']
    const plain = await run('optimize', '--output-dir', at('plain'), '--plain', ...few)
    expect(plain.output).toMatch(/^written to .*plain$/m)
    for (const file of ['vision.fp32.onnx', 'text.onnx']) {
      expect([...(await loadModel(at('plain', file))).opsets.keys()]).toEqual([''])
    }
    // As the hub lays them out: https://huggingface.co/Xenova/clip-vit-base-patch32
    mkdirSync(at('pair', 'onnx'), { recursive: true })
    cpSync(at('plain', 'vision.fp32.onnx'), at('pair', 'onnx', 'vision_model.onnx'))
    cpSync(at('plain', 'text.onnx'), at('pair', 'onnx', 'text_model.onnx'))
    for (const file of ['config.json', 'preprocessor_config.json', 'vocab.json', 'merges.txt']) {
      cpSync(join('models/demo', file), at('pair', file))
    }
    const pair = await run('optimize', '--model', at('pair'), '--output-dir', at('taken'), ...few)
    expect(pair.output).toMatch(/^int8 .* (passed|forced)$/m)
    expect(json(at('taken', 'model.json')).vision.input).toBe('pixel_values')
    expect(json(at('taken', 'int8.json')).sha256).toBe(json(at('plain', 'int8.json')).sha256)
  })

  test('judges an image size by the events, keeps it with --force, and does not mix two sizes', async () => {
    const options = ['--image-size', '96', '--variants', 'fp16', '--calibrate', video, '--num-frames', '16']
    const refused = await run('optimize', '--output-dir', at('small'), ...options)
    expect(refused.code).toBe(1)
    expect(refused.output).toMatch(
      /^watchword: Images of 96 pixels instead of 192 failed the quality gate: cosine mean /m,
    )
    expect(readdirSync(at('small'))).toEqual([])
    const forced = await run('optimize', '--output-dir', at('small'), ...options, '--force', '--json')
    expect(forced.code).toBe(0)
    const { image_size, variants } = JSON.parse(forced.stdout)
    expect(image_size).toMatchObject({
      pixels: 96,
      own: 192,
      misses: [expect.stringMatching(/^cosine mean/), expect.anything(), expect.anything(), expect.anything()],
    })
    expect(variants[0]).toMatchObject({ variant: 'fp16', passed: true })
    expect(json(at('small', 'model.json')).imageSize).toBe(96)
    expect(json(at('small', 'fp32.json')).cosine).toEqual(image_size.cosine)
    expect(readdirSync(at('small')).filter(name => /part$|^\.making/.test(name))).toEqual([])
    const mixed = await run('optimize', '--output-dir', at('small'), '--variants', 'fp16')
    expect(mixed.output).toMatch(/There is another model in .*small: .* for images of 96 pixels$/m)
    const uneven = await run('optimize', '--output-dir', at('uneven'), '--image-size', '100', '--variants', 'fp16')
    expect(uneven.output).toMatch(/Expected the image size to be a multiple of 16, the model's patch size, got 100$/m)
  })

  test('leaves nothing half made when it is interrupted', async () => {
    const args = ['--import', 'tsx', 'src/main.ts', 'optimize', '--output-dir', at('stopped'), '--calibrate', video]
    const env = { ...process.env, WATCHWORD_DATA: data.path }
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const isAtWork = () => existsSync(at('stopped')) && readdirSync(at('stopped')).some(name => /^\.making/.test(name))
    await until(isAtWork, 'a folder for what is half made', 60_000)
    child.kill('SIGINT')
    expect((await once(child, 'close'))[0]).toBe(130)
    expect(readdirSync(at('stopped')).filter(name => /part$|^\.making/.test(name))).toEqual([])
  })

  test.skipIf(!canMount)('leaves nothing on a disk that runs full', async () => {
    const disk = mountSmallDisk(8)
    try {
      const { code, output } = await run('optimize', '--output-dir', join(disk.path, 'out'), '--variants', 'fp16')
      expect(output).toMatch(/^watchword: Cannot write .*: the disk is full$/m)
      expect(code).toBe(1)
      expect(readdirSync(join(disk.path, 'out'))).toEqual([])
    } finally {
      disk.remove()
    }
  })
})

describe('benchmark', () => {
  test('prints a table, and writes JSON and a page that needs nothing else', async () => {
    const options = ['--model', at('lean'), '--variants', 'mixed', '--num-frames', '4', '--batches', '2']
    const { code, stdout } = await run('benchmark', video, ...options, '--output-dir', at('report'))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^fp32 .* 1\.00x .* 100\.0 %$/m)
    expect(stdout).toMatch(/^mixed .*x .* %$/m)
    expect(stdout).toMatch(/^fp16 is a storage format/m)
    expect(stdout).toMatch(/^Unstructured pruning does not change the speed/m)
    const { frames, variants, limits, cpu } = json(at('report', 'benchmark.json'))
    expect(frames).toBe(4)
    expect(limits.every((line: string) => stdout.includes(line))).toBe(true)
    expect(typeof cpu.model).toBe('string')
    for (const { latency_ms, throughput, memory_bytes, bytes, parameters } of variants) {
      expect(latency_ms.p95).toBeGreaterThanOrEqual(latency_ms.p50)
      expect(throughput.map(({ batch }: { batch: number }) => batch)).toEqual([1, 2])
      expect(memory_bytes).toBeGreaterThan(0)
      expect(bytes).toBeGreaterThan(0)
      expect(parameters.nonZero).toBeLessThanOrEqual(parameters.total)
    }
    const page = readFileSync(at('report', 'benchmark.html'), 'utf8')
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(4)
    expect(page).not.toMatch(/<script|<link|src="(?!data:)|url\(/)
  })
})

describe('full', () => {
  test('optimizes, detects, benchmarks, and writes one page with images', async () => {
    const options = ['--variants', 'fp16', '--calibrate-frames', '8', '--num-frames', '4', '--fps', '2']
    options.push('--events', 'person_walking,a tree beside a road')
    const { code, stdout } = await run('full', video, '--output-dir', at('full'), ...options, '--json')
    expect(code).toBe(0)
    const { chosen, optimize, benchmark, detect } = JSON.parse(stdout)
    expect(['fp32', 'fp16']).toContain(chosen)
    expect(optimize).toEqual(json(at('full', 'optimize.json')))
    expect(benchmark).toEqual(json(at('full', 'benchmark.json')))
    expect(detect).toEqual(json(at('full', 'events.json')))
    expect(detect).toMatchObject({ variant: chosen, fps: 2 })
    expect(detect.events.length).toBeGreaterThan(0)
    // Both events count in the comparison of variants.
    expect(benchmark.variants[0].agreement.decisions).toBe(8)
    const page = readFileSync(at('full', 'report.html'), 'utf8')
    expect(page.match(/<img [^>]*src="data:image\/jpeg/g)).toHaveLength(detect.events.length)
    expect(page).not.toMatch(/<script|<link|src="(?!data:)|url\(/)
  })
})

describe('one clear line for', () => {
  test.each([
    ['a share of all', ['optimize', '--output-dir', 'OUT', '--prune-amount', '1'], /at least 0 and below 1, got "1"$/m],
    [
      'a share that is no number',
      ['optimize', '--output-dir', 'OUT', '--prune-amount', 'x'],
      /such as 0\.3, at least 0 and below 1, got "x"$/m,
    ],
    ['an unknown variant', ['optimize', '--output-dir', 'OUT', '--variants', 'imt8'], /did you mean `int8`\?$/m],
    [
      'a recipe that is not there',
      ['optimize', '--output-dir', 'OUT', '--recipe', 'no.yaml'],
      /no\.yaml: no such file$/m,
    ],
    ['a folder in a file', ['optimize', '--output-dir', 'package.json/out'], /Cannot write package\.json\/out: /],
    [
      'a report in a file',
      ['benchmark', 'no.mp4', '--output-dir', 'package.json/out'],
      /Cannot write package\.json\/out: /,
    ],
    ['a video that is not there', ['full', 'no.mp4', '--output-dir', 'OUT'], /no\.mp4/],
    [
      'a folder without a model',
      ['benchmark', 'no.mp4', '--model', './docs'],
      /with model\.json, config\.json or open_clip_config\.json at .*docs/,
    ],
    [
      'an unknown model',
      ['models', 'pull', 'clip-vit-base-patch23'],
      /got clip-vit-base-patch23\n.*Did you mean `clip-vit-base-patch32`\?/,
    ],
  ])('%s', async (_, args, message) => {
    const named = args.map(arg => (arg === 'OUT' ? at('none') : arg))
    const { code, output } = await run(...named)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^ +at .*:\d+:\d+\)?$/m)
    expect(code).not.toBe(0)
  })
})
