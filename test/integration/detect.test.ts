/** `watchword detect` as a user runs it: a process of its own, real ffmpeg, the bundled model. */

import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { isAtLeast } from '../../src/sources/ffmpeg/inspectFfmpeg.ts'
import { demoClip } from '../support/demoClip.ts'
import { dataDirectory, runCommand } from '../support/product.ts'

const CAR = 'test/fixtures/video/car.mp4'

let data: ReturnType<typeof dataDirectory>
let inputs: string
const input = (name: string) => join(inputs, name)
// Where none is installed, the npm-shipped one: as the product does.
const { path: FFMPEG, version } = await findFfmpeg()
const ffmpeg = (...args: string[]) => execFileSync(FFMPEG, ['-v', 'error', '-y', ...args])
const pattern = (name: string, options: string, codec = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p']) =>
  ffmpeg('-f', 'lavfi', '-i', `testsrc=${options}`, ...codec, input(name))
const detect = (...args: string[]) => runCommand(['detect', ...args], data.path)

beforeAll(async () => {
  data = dataDirectory()
  inputs = join(data.path, 'inputs')
  mkdirSync(inputs)
  const street = await demoClip({ seed: 'run test', view: 'street', durationSeconds: 60 })
  ffmpeg('-framerate', '10', '-i', street, '-c', 'copy', '-movflags', '+faststart', input('street.mp4'))
})
afterAll(() => data.remove())

describe('watchword detect', () => {
  test('prints its findings and writes four files; a second run writes the same bytes', async () => {
    const out = (name: string) => join(data.path, name)
    const first = await detect(input('street.mp4'), '--output-dir', out('one'))
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^[a-z ]+ \d\d:\d\d\.\d – \d\d:\d\d\.\d {2}peak +\d+ % {2}[▁▂▃▄▅▆▇█]+$/m)
    expect(first.stdout).toMatch(/^\d+ events? in 2[34]\d frames of street\.mp4\nwritten to .*one$/m)

    const { events, ...facts } = JSON.parse(readFileSync(join(out('one'), 'events.json'), 'utf8'))
    expect(facts).toMatchObject({ video: 'street.mp4', model: 'demo', variant: 'int8', scoring: 'two-way', fps: 4 })
    expect(events.length).toBeGreaterThan(0)
    const table = readFileSync(join(out('one'), 'scores.csv'), 'utf8')
      .trim()
      .split('\n')
    expect(table).toHaveLength(facts.frames + 1)
    expect(readFileSync(join(out('one'), 'events.srt'), 'utf8').match(/ --> /g)).toHaveLength(events.length)
    expect(
      readFileSync(join(out('one'), 'contact-sheet.png'))
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')

    await detect(input('street.mp4'), '--output-dir', out('two'))
    for (const name of ['events.json', 'scores.csv', 'events.srt', 'contact-sheet.png'])
      expect(readFileSync(join(out('two'), name)).equals(readFileSync(join(out('one'), name))), name).toBe(true)
    expect(readdirSync(out('two'))).toHaveLength(4)
  })

  test('analyses every n-th frame up to a number, and prints only JSON on stdout', async () => {
    const { code, stdout } = await detect(CAR, '--sample-rate', '5', '--max-frames', '7', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ video: 'car.mp4', sample_rate: 5, frames: 7 })
  })

  test('looks for own words; a file may have any name', async () => {
    for (const name of ['clip*[x]?.mp4', '-dash.mp4']) {
      copyFileSync(CAR, input(name))
      const { stdout } = await detect('--max-frames', '3', '--', input(name))
      expect(stdout).toContain(`in 3 frames of ${name}\n`)
    }
    const name = 'http:$' + '{HOME} $& näme.mp4'
    const odd = input(name)
    copyFileSync(CAR, odd)
    const { code, output } = await detect(odd, '--max-frames', '3', '--events', 'a red car,dog', '--output-dir', inputs)
    expect(output).toContain(`3 frames of ${name}`)
    expect(output).toMatch(
      /^The bundled model knows only the synthetic scenes of the demo: .*\n.*--model clip-vit-b-32-256-datacomp/m,
    )
    expect(code).toBe(0)
    expect(readFileSync(input('scores.csv'), 'utf8')).toMatch(
      /^seconds,motion,a_red_car,dog,a_red_car_raw,dog_raw,a_red_car_view,dog_view,a_red_car_box,dog_box\n/,
    )
  })

  test('a folder of images: a damaged one is reported and skipped', async () => {
    const folder = input('pictures')
    mkdirSync(folder)
    ffmpeg('-i', CAR, '-frames:v', '4', join(folder, 'p%d.jpg'))
    writeFileSync(join(folder, 'p2b.jpg'), readFileSync(join(folder, 'p2.jpg')).subarray(0, 900))
    const { code, output } = await detect(folder)
    expect(output).toMatch(/p2b\.jpg skipped: /)
    expect(output).toContain('in 4 frames of pictures')
    expect(code).toBe(0)
  })

  test('odd sizes and uneven rates are no trouble', async () => {
    pattern('small.mkv', 'd=1:s=16x16:r=4,crop=1:1:exact=1', ['-c:v', 'ffv1', '-pix_fmt', 'gray'])
    pattern('huge.mp4', 'd=0.5:s=7680x4320:r=4', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'])
    pattern('portrait.mp4', 'd=1:s=360x1280:r=8')
    pattern('uneven.mkv', "d=4:s=160x90:r=30,select='if(lt(t,1),1,not(mod(n,11)))'", [
      isAtLeast(version, 5, 1) ? '-fps_mode' : '-vsync',
      'vfr',
    ])
    for (const [name, frames] of Object.entries({ small: 4, huge: 2, portrait: 4, uneven: 13 })) {
      const file = readdirSync(inputs).find(each => each.startsWith(name)) ?? ''
      const { code, stdout } = await detect(input(file), '--json')
      expect([name, code, JSON.parse(stdout).frames]).toEqual([name, 0, expect.closeTo(frames, -0.5)])
    }
  })
})

describe('a video that is none gets one line, exit code 1 and no files', () => {
  const make: Record<string, (path: string) => unknown> = {
    'missing.mp4': () => {},
    'empty.mp4': path => writeFileSync(path, ''),
    'sound.mp4': path => ffmpeg('-f', 'lavfi', '-i', 'sine=d=1', path),
    'noise.mp4': path => writeFileSync(path, Buffer.alloc(50_000, 'no video ')),
    'still-written.mp4': path => {
      ffmpeg('-i', input('street.mp4'), '-c', 'copy', path)
      writeFileSync(path, readFileSync(path).subarray(0, 300_000))
    },
    'cut.mp4': path => writeFileSync(path, readFileSync(input('street.mp4')).subarray(0, 600_000)),
  }
  test.each([
    ['missing.mp4', /^watchword: No such video: .*missing\.mp4$/m],
    [
      'rtsp://user:s3cret@127.0.0.1/x',
      /^watchword: Expected a video file .*, got a URL: rtsp:\/\/…\n.*`watchword run`/m,
    ],
    ['empty.mp4', /^watchword: The video .* is empty \(0 bytes\)$/m],
    ['sound.mp4', /^watchword: The file .* has no video stream$/m],
    ['noise.mp4', /^watchword: Cannot read the video .*noise\.mp4: moov atom not found/m],
    ['still-written.mp4', /^watchword: Cannot read the video .*: moov atom not found/m],
    ['cut.mp4', /^watchword: The video .* is cut off after \d+ sampled frames: it should have \d+ bytes and has \d+$/m],
  ])('%s', async (name, message) => {
    make[name]?.(input(name))
    const out = join(data.path, `out-${name.replaceAll('/', '-')}`)
    const { code, output } = await detect(name.includes('://') ? name : input(name), '--output-dir', out)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^ +at |s3cret/m)
    expect(code).toBe(1)
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([])
  })
})

describe('a mistake is reported before the work starts', () => {
  test.each([
    [['--sample-rate', '0'], 2, /Expected a whole number above 0, got "0"/],
    [['--fps', '2', '--sample-rate', '2'], 2, /'--sample-rate <n>' cannot be used with option '--fps <f>'/],
    [['--events', 'person_walkin'], 2, /did you mean `person_walking`/],
    [['--variant', 'int9'], 1, /Unknown variant `int9`/],
    [['--model', 'nope'], 1, /Expected a model’s name or folder, got nope/],
    [['--output-dir', 'package.json/found'], 1, /Cannot write package\.json\/found: a part of the path is a file/],
  ] as const)('%s', async (args, wanted, message) => {
    const { code, output } = await detect(CAR, ...args)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^ +at |events? in/m)
    expect(code).toBe(wanted)
  })

  test('a model with a damaged or a missing file: its sha256 is named', async () => {
    await detect(CAR, '--max-frames', '1')
    const models = join(data.path, 'models')
    const [name = ''] = readdirSync(models).filter(each => existsSync(join(models, each, 'vision.int8.onnx')))
    const vision = join(data.path, 'damaged')
    cpSync(join(models, name), vision, { recursive: true })
    const file = join(vision, 'vision.int8.onnx')
    const bytes = readFileSync(file)
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
    writeFileSync(file, bytes)
    const damaged = await detect(CAR, '--model', vision)
    expect(damaged.output).toMatch(/Expected .*vision\.int8\.onnx to have sha256 [0-9a-f]{64}, got [0-9a-f]{64}/)
    rmSync(file)
    const missing = await detect(CAR, '--model', vision)
    expect(missing.output).toMatch(/Expected the file .*vision\.int8\.onnx with sha256 [0-9a-f]{64}, found none/)
    expect([damaged.code, missing.code]).toEqual([1, 1])
  })
})
