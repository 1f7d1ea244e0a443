/** Images of events with a real broker, a real ffmpeg and a real disk; and with ffmpegs that fail or hang. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCanvas } from '@napi-rs/canvas'
import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createEventImages } from '../../src/sinks/createEventImages.ts'
import { createSnapshots, cropPath, snapshotPath } from '../../src/sinks/createSnapshots.ts'
import { drawWhere } from '../../src/sinks/drawWhere.ts'
import { jpegSize } from '../../src/sinks/jpegSize.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import type { EventChange, Outcome } from '../../src/types.ts'
import { change, drawable } from '../support/change.ts'
import { hasMosquitto } from '../support/mosquitto.ts'
import { useMqtt } from '../support/mqttHarness.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const { broker, start, listener } = useMqtt()
const ffmpeg = await findFfmpeg().catch(() => null)
const skip = !hasMosquitto && !process.env.CI
if (skip) console.warn('SKIPPED: mosquitto is not installed')
if (ffmpeg === null) console.warn('SKIPPED: ffmpeg is not installed')

const [SNAPSHOT, CROP] = ['watchword/front/person_walking/snapshot', 'watchword/front/person_walking/crop']
const STATE = 'watchword/front/person_walking/state'
const snapshot = createCanvas(640, 360).toBuffer('image/jpeg')
const cropped = (id: string, type: 'new' | 'update' = 'new'): EventChange => ({
  ...drawable(id, type),
  snapshot,
  viewImage: {
    box: { x: 0.2, y: 0.4, width: 0.3, height: 0.5 },
    size: 32,
    pixels: new Uint8Array(32 * 32 * 3).fill(200),
  },
})

/** MQTT and snapshots on disk, as a run has them. */
async function setUp(ffmpegPath: string) {
  const { port } = await broker()
  const url = `mqtt://127.0.0.1:${port}`
  const seen = await listener(url)
  const telemetry = recordTelemetry()
  const dir = temporaryFolder()
  const { imagesOf, close } = createEventImages({
    draw: (input, signal) => drawWhere(input, { ffmpegPath, quality: 4, signal }),
    telemetry,
  })
  const { outcomes$, stop } = await start(url, { imagesOf })
  await until(() => seen.on('watchword/bridge/state').length > 0, 'the first states were published')
  const disk$ = new Subject<Outcome>()
  const onDisk = createSnapshots({ dir, maxAgeMs: 1e15, maxBytes: 1e9, telemetry, imagesOf })(disk$)
  return {
    ...{ url, seen, telemetry, dir, close },
    send: (one: EventChange) => {
      outcomes$.next(one)
      disk$.next(one)
    },
    end: async () => {
      disk$.complete()
      await Promise.all([stop(), onDisk])
    },
    bytesOn: (topic: string) => seen.messages.filter(message => message.topic === topic).map(({ bytes }) => bytes),
  }
}

const fakeFfmpeg = (script: string) => {
  const path = join(temporaryFolder(), 'ffmpeg')
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}

describe.skipIf(skip || ffmpeg === null)('with ffmpeg', () => {
  it('publishes and stores the snapshot with a box, and the crop; both are retained', async () => {
    const { url, send, end, bytesOn, seen, dir } = await setUp(ffmpeg?.path ?? '')
    const one = cropped('a')
    send(one)
    await until(() => bytesOn(CROP).length > 0, 'the crop was published')
    const [plain, boxed] = bytesOn(SNAPSHOT)
    expect(plain?.equals(snapshot)).toBe(true)
    expect(boxed?.equals(snapshot)).toBe(false)
    const [crop] = bytesOn(CROP)
    expect([jpegSize(boxed ?? Buffer.of()), jpegSize(crop ?? Buffer.of())]).toEqual([
      { width: 640, height: 360 },
      { width: 32, height: 32 },
    ])
    const isOn = ({ topic, text }: { topic: string; text: string }) => topic === STATE && text === 'ON'
    const plainAt = seen.messages.findIndex(({ topic }) => topic === SNAPSHOT)
    expect(plainAt).toBeLessThan(seen.messages.findIndex(isOn))
    const [text = ''] = seen.on('watchword/events')
    expect(JSON.parse(text).after.where).toEqual({ box: [0.25, 0.5, 0.25, 0.25], zones: ['gate'], view: 'crop' })
    const late = await listener(url)
    await until(() => late.messages.some(({ topic }) => topic === CROP), 'the crop was retained')
    expect(late.messages.find(({ topic }) => topic === CROP)?.bytes.equals(crop ?? Buffer.of())).toBe(true)

    send({ ...change('update', 'a', 1), snapshot })
    await until(() => bytesOn(CROP).length === 2, 'the crop was emptied')
    expect(bytesOn(CROP)[1]).toHaveLength(0)
    await end()
    const path = join(dir, snapshotPath(one))
    expect(readFileSync(path).equals(boxed ?? Buffer.of())).toBe(true)
    expect(readFileSync(cropPath(path)).equals(crop ?? Buffer.of())).toBe(true)
    expect(readdirSync(dir, { recursive: true }).filter(name => String(name).endsWith('.jpg'))).toHaveLength(3)
  })
})

it.skipIf(skip)('loses no change and no snapshot when ffmpeg fails, and reports it once', async () => {
  const { send, end, bytesOn, seen, dir, telemetry } = await setUp(fakeFfmpeg('echo broken >&2; exit 1'))
  const ids = ['a', 'b', 'c']
  for (const id of ids) send(cropped(id))
  send(cropped('c', 'update'))
  await until(() => seen.on('watchword/events').length === 4, 'all changes arrived')
  await end()
  expect(bytesOn(SNAPSHOT).every(bytes => bytes.equals(snapshot))).toBe(true)
  expect(bytesOn(SNAPSHOT).length).toBeGreaterThan(0)
  expect(bytesOn(CROP).every(bytes => bytes.length === 0)).toBe(true)
  const files = readdirSync(dir, { recursive: true }).filter(name => String(name).endsWith('.jpg'))
  expect(files).toHaveLength(4)
  for (const file of files) expect(readFileSync(join(dir, String(file))).equals(snapshot)).toBe(true)
  expect(telemetry.of('SinkFailed').map(({ error }) => error)).toEqual([expect.stringMatching(/broken$/)])
})

it.skipIf(skip)(
  'publishes changes at once while ffmpeg hangs; at the end there is the plain snapshot, and no process',
  async () => {
    const pids = join(temporaryFolder(), 'pids')
    const hanging = fakeFfmpeg(`echo $$ >> ${pids}; exec sleep 1000`)
    const { send, end, close, bytesOn, seen, dir } = await setUp(hanging)
    for (const id of ['a', 'b', 'c', 'd']) send(cropped(id, 'update'))
    await until(() => seen.on('watchword/events').length > 0, 'a change arrived')
    expect(bytesOn(SNAPSHOT)).toEqual([])
    await end()
    close()
    expect(bytesOn(SNAPSHOT).at(-1)?.equals(snapshot)).toBe(true)
    expect(readdirSync(dir, { recursive: true }).filter(name => String(name).endsWith('.jpg'))).toHaveLength(4)
    const isAlive = (pid: number) => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number)
    await until(() => !started.some(isAlive), 'every ffmpeg has ended')
  },
)
