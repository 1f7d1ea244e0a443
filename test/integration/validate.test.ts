/** `watchword validate` as a user runs it: real cameras, a real broker, and each thing wrong in turn. */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { dataDirectory, runCommand } from '../support/product.ts'
import { hasRtspServer, type RtspServer, startRtspServer } from '../support/rtspServer.ts'

const PASSWORD = 'c4mera-s3cret'
const BROKER_PASSWORD = 'br0ker-s3cret'
const present = hasRtspServer() && (hasMosquitto || process.env.CI !== undefined)

interface Check {
  readonly what: string
  readonly ok: boolean
  readonly found: string
}

/** Of the brightness in the left part of an image, without its edges. */
async function medianOf(path: string): Promise<number> {
  const part = { left: 50, top: 50, width: 250, height: 300 }
  const pixels = await sharp(path).extract(part).greyscale().raw().toBuffer()
  return pixels.toSorted((a, b) => a - b)[pixels.length / 2] ?? 0
}

describe.skipIf(!present)('watchword validate', () => {
  let broker: Mosquitto
  let camera: RtspServer
  let data: ReturnType<typeof dataDirectory>

  beforeAll(async () => {
    broker = await startMosquitto({ user: { name: 'watch', password: BROKER_PASSWORD } })
    camera = await startRtspServer({ login: { user: 'viewer', password: PASSWORD } })
    data = dataDirectory()
  })
  afterAll(async () => {
    await Promise.all([camera.stop(), broker.remove()])
    data.remove()
  })

  const write = (config: unknown) => {
    const path = join(data.path, 'watchword.yaml')
    writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config, null, 2))
    return path
  }
  const mqtt = () => ({ url: `mqtt://127.0.0.1:${broker.port}`, username: 'watch', password: BROKER_PASSWORD })
  const checksOf = async (config: unknown) => {
    const { code, stdout } = await runCommand(['validate', write(config), '--json'], data.path)
    return { code, checks: JSON.parse(stdout) as Check[] }
  }

  test('a valid config: every part is listed with its details and no secret', async () => {
    const pictures = join(data.path, 'pictures')
    mkdirSync(pictures)
    writeFileSync(join(pictures, '1.jpg'), 'not looked into')
    const path = write({
      mqtt: mqtt(),
      cameras: {
        yard: { url: camera.url },
        film: { url: join(process.cwd(), 'test/fixtures/video/car.mp4') },
        folder: { url: pictures },
        drawn: { url: 'demo:plaza?lighting=night' },
        off: { url: 'rtsp://127.0.0.1:1/nothing', enabled: false },
      },
    })
    const { code, output } = await runCommand(['validate', path], data.path)
    const lines = output.trim().split('\n')
    expect(lines.filter(line => line.startsWith('FAIL'))).toEqual([])
    for (const line of [
      /^ok +config +.*watchword\.yaml$/,
      /^ok +ffmpeg +\d+\.\d+ at /,
      /^ok +model +demo int8, \d\.\d MB, sha256 [0-9a-f]{12}…$/,
      /^ok +camera yard +h264 480x360, \d+\.\d fps, a keyframe every \d\.\d s$/,
      /^ok +camera film +h264 768x432, \d+\.\d fps/,
      /^ok +camera folder +1 image$/,
      /^ok +camera drawn +synthetic scene: plaza, night, clear$/,
      /^ok +camera off +disabled: not tried$/,
      /^ok +broker +MQTT 5$/,
    ])
      expect(lines).toContainEqual(expect.stringMatching(line))
    expect(output).not.toMatch(new RegExp(`${PASSWORD}|${BROKER_PASSWORD}`))
    expect(code).toBe(0)
  })

  test('each wrong part fails separately with its reason, and the exit code is 1', async () => {
    const { code, checks } = await checksOf({
      model: { variant: 'int8', shadow_variants: ['int9'] },
      mqtt: { ...mqtt(), password: 'wrong' },
      cameras: {
        intruder: { url: camera.url.replace(PASSWORD, 'wrong') },
        nothing: { url: 'rtsp://127.0.0.1:1/nothing' },
        elsewhere: { url: camera.url.replace('/cam', '/other') },
        good: { url: camera.url },
        film: { url: 'nowhere.mp4' },
      },
    })
    const found = Object.fromEntries(checks.map(check => [check.what, check.ok ? 'ok' : check.found]))
    expect(found).toMatchObject({
      config: 'ok',
      model: 'ok',
      'shadow int9': expect.stringMatching(/^Unknown variant `int9`.*\. Use fp32, fp16, int8/),
      'camera intruder': 'the camera refused user or password',
      'camera nothing': 'nothing listens at this address and port',
      'camera elsewhere': 'the camera has no stream at this path',
      'camera good': 'ok',
      'camera film': expect.stringMatching(/No such video: .*nowhere\.mp4/),
      broker: expect.stringMatching(/not authorized/i),
    })
    expect(code).toBe(1)
  })

  test('--output-dir: an image of each camera that answers', async () => {
    const zones = {
      gate: [
        [0.1, 0.1],
        [0.5, 0.1],
        [0.5, 0.5],
      ],
    }
    const path = write({
      mqtt: mqtt(),
      cameras: {
        yard: {
          url: camera.url,
          zones,
          masks: [
            [
              [0.6, 0.6],
              [1, 0.6],
              [1, 1],
              [0.6, 1],
            ],
          ],
        },
        gone: { url: 'rtsp://127.0.0.1:1/nothing', zones },
        drawn: { url: 'demo:plaza' },
        nowhere: { url: 'demo:nowhere' },
        film: { url: join(process.cwd(), 'test/fixtures/video/car.mp4') },
        masked: {
          url: join(process.cwd(), 'test/fixtures/video/car.mp4'),
          masks: [
            [
              [0, 0],
              [0.5, 0],
              [0.5, 1],
              [0, 1],
            ],
          ],
        },
        off: { url: 'rtsp://127.0.0.1:1/nothing', enabled: false },
      },
    })
    const images = join(data.path, 'images')
    const { code, output } = await runCommand(['validate', path, '--output-dir', images], data.path)
    const lines = output
      .trim()
      .split('\n')
      .filter(line => line.includes('camera '))
    expect(lines).toEqual([
      expect.stringMatching(/^ok +camera yard +h264 480x360, .*\. Image with 1 zone and 1 mask: .*images.yard\.jpg$/),
      expect.stringMatching(/^FAIL +camera gone +nothing listens at this address and port$/),
      expect.stringMatching(/^ok +camera drawn +synthetic scene: .* 0 zones and 0 masks: .*images.drawn\.jpg$/),
      expect.stringMatching(/^FAIL +camera nowhere +Expected the scene of demo:nowhere to be one of /),
      expect.stringMatching(/^ok +camera film +h264 768x432, .*images.film\.jpg$/),
      expect.stringMatching(/^ok +camera masked +h264 768x432, .* 0 zones and 1 mask: .*images.masked\.jpg$/),
      expect.stringMatching(/^ok +camera off +disabled: not tried$/),
    ])
    expect(code).toBe(1)
    expect(readdirSync(images).toSorted()).toEqual(['drawn.jpg', 'film.jpg', 'masked.jpg', 'yard.jpg'])
    for (const [name, size] of [
      ['yard', [480, 360]],
      ['drawn', [640, 360]],
      ['film', [768, 432]],
    ] as const) {
      const { width, height } = await sharp(join(images, `${name}.jpg`)).metadata()
      expect([width, height]).toEqual(size)
    }
    // The camera's image is black under the mask; the stripes cover less than half of it.
    expect(await medianOf(join(images, 'masked.jpg'))).toBeLessThan(30)
    expect(await medianOf(join(images, 'film.jpg'))).toBeGreaterThan(60)
  })

  test('a wrong file: every mistake with its line, and nothing else is tried', async () => {
    const wrong = ['cameras:', '  yard:', '    url: rtsp://127.0.0.1/cam', '    fpss: 2', '    fps: -1', ''].join('\n')
    const { code, output } = await runCommand(['validate', write(wrong)], data.path)
    expect(output).toMatch(/watchword\.yaml:4:5 cameras\.yard\.fpss: Unknown key `fpss`; did you mean `fps`\?/)
    expect(output).toMatch(/watchword\.yaml:5:5 cameras\.yard\.fps: Expected `fps` to be above 0, got -1/)
    expect(output).not.toMatch(/broker|^ +at /m)
    expect(code).toBe(1)

    const twice = ['cameras:', '  yard: { url: a.mp4 }', '  yard: { url: b.mp4 }', ''].join('\n')
    const { code: same, checks } = await checksOf(twice)
    expect(checks).toEqual([{ what: 'config', ok: false, found: expect.stringMatching(/:3:3: .*twice/) }])
    expect(same).toBe(1)
  })
})

test.skipIf(present)('watchword validate: skipped, gst-rtsp-server or mosquitto is not installed', () => {})
