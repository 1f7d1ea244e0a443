import { execFile, spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { renderVideo } from '../../src/demo/renderVideo.ts'
import { createWorld } from '../../src/demo/world/createWorld.ts'
import type { WorldOptions } from '../../src/demo/world/world.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

const OPTIONS: WorldOptions = {
  seed: 9,
  view: 'crossing',
  durationSeconds: 6,
  light: 'day',
  weather: 'clear',
  width: 320,
  height: 180,
  startTime: 0,
}
const FPS = 5

const ffmpegPath = await findFfmpeg().then(
  found => found.path,
  () => null,
)
if (ffmpegPath === null) console.warn('no ffmpeg: rendering is not tried')

describe.skipIf(ffmpegPath === null && !process.env.CI)('renderVideo with the real ffmpeg', () => {
  const folder = sharedFolder('watchword demo é-')
  beforeAll(async () => {
    // A folder as people have them.
  })
  const ffmpeg = () => ffmpegPath ?? 'ffmpeg'

  test('the video has every frame in order, and its ground truth beside it', async () => {
    const [output, truth] = [join(folder, 'street.mp4'), join(folder, 'street.json')]
    const world = createWorld(OPTIONS)
    const reported: number[] = []
    const onProgress = (seconds: number) => reported.push(seconds)
    const facts = await renderVideo({ world, fps: FPS, output, truth, ffmpegPath: ffmpeg(), onProgress })
    expect(reported).toEqual([1, 2, 3, 4, 5, 6])
    expect(JSON.parse(await readFile(truth, 'utf8'))).toEqual(facts)
    expect(facts).toMatchObject({ fps: FPS, duration: 6, view: 'crossing', seed: 9, width: 320, height: 180 })
    expect(facts.spans).toEqual(world.timeline())
    expect(facts.people).toEqual([0, 1, 2, 3, 4, 5].map(second => world.truthAt(second).people))

    const read = ['-v', 'error', '-i', output, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']
    const { stdout } = await promisify(execFile)(ffmpeg(), read, { encoding: 'buffer', maxBuffer: 64e6 })
    const size = 320 * 180 * 3
    expect(stdout.length).toBe(6 * FPS * size)
    for (const i of [0, 17, 29]) {
      const drawn = world.draw(i / FPS)
      const played = stdout.subarray(i * size, (i + 1) * size)
      const error = played.reduce((sum, value, k) => {
        const pixel = Math.floor(k / 3) * 4 + (k % 3)
        return sum + Math.abs(value - (drawn[pixel] as number))
      }, 0)
      // Compression costs some grey levels; another moment's picture would cost more than noise alone explains.
      expect(error / size).toBeLessThan(8)
    }
  })

  test('an abort leaves nothing behind', async () => {
    const stop = new AbortController()
    const output = join(folder, 'aborted.mp4')
    const onProgress = (seconds: number) => {
      if (seconds === 2) stop.abort(new Error('enough'))
    }
    const world = createWorld({ ...OPTIONS, durationSeconds: 60 })
    const rendering = renderVideo({
      world,
      fps: FPS,
      output,
      truth: null,
      ffmpegPath: ffmpeg(),
      signal: stop.signal,
      onProgress,
    })
    await expect(rendering).rejects.toThrow('enough')
    expect((await readdir(folder)).filter(name => name.includes('aborted'))).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s leaves no partial file and reports it', async signal => {
    const output = join(folder, `${signal}.mp4`)
    const args = ['--import', 'tsx', 'src/main.ts', 'demo', '--render', output, '--seconds', '600']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const said = text(child.stderr)
    const written = async () => (await readdir(folder)).filter(name => name.includes(signal))
    await expect.poll(written, { timeout: 60_000 }).toHaveLength(1)
    child.kill(signal)
    expect(await said).toMatch(/^watchword: Interrupted: nothing was written$/m)
    expect(await written()).toEqual([])
  })

  test('a place that cannot be written is one clear line', async () => {
    const output = join(folder, 'no', 'such', 'folder.mp4')
    const rendering = renderVideo({ world: createWorld(OPTIONS), fps: FPS, output, truth: null, ffmpegPath: ffmpeg() })
    await expect(rendering).rejects.toMatchObject({ code: 'unwritable' })
    await expect(rendering).rejects.toThrow(/^Cannot write .*folder\.mp4: [^\n]+$/)
  })

  test('labels that cannot be written are reported before anything is drawn', async () => {
    const reported: number[] = []
    const rendering = renderVideo({
      world: createWorld(OPTIONS),
      fps: FPS,
      output: join(folder, 'early.mp4'),
      truth: join(folder, 'no', 'truth.json'),
      ffmpegPath: ffmpeg(),
      onProgress: seconds => reported.push(seconds),
    })
    await expect(rendering).rejects.toThrow(/^Cannot write .*truth\.json: [^\n]+$/)
    expect(reported).toEqual([])
  })
})

describe('renderVideo', () => {
  const output = join(tmpdir(), 'never-written.mp4')

  test('an ffmpeg that is not there is one clear line', async () => {
    const world = createWorld(OPTIONS)
    const rendering = renderVideo({ world, fps: FPS, output, truth: null, ffmpegPath: '/nowhere/ffmpeg' })
    await expect(rendering).rejects.toMatchObject({ code: 'render-failed' })
  })

  test.each([
    [{ fps: 0 }, {}],
    [{ fps: Number.NaN }, {}],
    [{ fps: 5 }, { width: 321 }],
    [{ truth: output }, {}],
  ])('%o %o is refused before anything starts', async (wrong, size) => {
    const world = createWorld({ ...OPTIONS, ...size })
    const rendering = renderVideo({ world, fps: 5, output, truth: null, ffmpegPath: '/nowhere/ffmpeg', ...wrong })
    await expect(rendering).rejects.toMatchObject({ code: 'invalid-option' })
  })
})
