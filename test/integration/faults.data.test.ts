/** The whole product while its journal or its disk hangs, and while another program deletes its data directory. */

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { canHangDisk, mountHangingDisk } from '../support/hangingDisk.ts'
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { dataDirectory, linkModels, type Product, startProduct } from '../support/product.ts'
import { until } from '../support/until.ts'

const skip = (!hasMosquitto && !process.env.CI) || process.platform === 'win32'
if (!hasMosquitto) console.warn('SKIPPED: mosquitto is not installed')
if (!canHangDisk) console.warn('SKIPPED: a disk that hangs needs bindfs and fusermount')

interface Change {
  readonly type: 'new' | 'update' | 'end'
  readonly seq: number
  readonly after: { readonly id: string; readonly camera: string }
}
const keyOf = ({ seq, after }: Change) => `${after.id}/${seq}`

/** Drawn streets: on each somebody walks by about twice a minute. */
const CAMERAS = Object.fromEntries(
  ['yard', 'gate', 'lane'].map((name, seed) => [name, { url: `demo:street?seed=${seed}`, fps: 3 }]),
)

describe.skipIf(skip)('data that hangs or is deleted', () => {
  let broker: Mosquitto
  let recorder: MqttClient
  let service: Product | null = null
  const messages: { topic: string; text: string }[] = []

  beforeEach(async () => {
    messages.length = 0
    broker = await startMosquitto()
    recorder = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clean: false, clientId: 'recorder' })
    recorder.on('message', (topic, payload) => messages.push({ topic, text: payload.toString() }))
    recorder.on('error', () => {})
    await recorder.subscribeAsync(['watchword/events', 'watchword/bridge/health/#'], { qos: 1 })
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(service?.output())
    await service?.stop('SIGKILL')
    service = null
    await recorder.endAsync(true)
    await broker.remove()
  })

  const changes = () =>
    messages.filter(({ topic }) => topic === 'watchword/events').map(({ text }) => JSON.parse(text) as Change)
  const run = (dir: string, more: object = {}) =>
    startProduct(dir, {
      mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
      metrics: { port: 0 },
      cameras: CAMERAS,
      events: { person_walking: { use: 'person_walking' } },
      ...more,
    })
  const goesOn = async (count = 4) => {
    const before = changes().length
    await until(() => changes().length >= before + count, 'events go on', 120_000)
  }
  const readLines = (path: string) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => keyOf(JSON.parse(line) as Change))

  test('a journal that hangs: events go out, and it gets everything when it works again', {
    timeout: 300_000,
  }, async () => {
    const data = dataDirectory()
    onTestFinished(data.remove)
    const path = join(data.path, 'journal')
    // A pipe that is full: opening works, writing waits.
    execFileSync('mkfifo', [path])
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    const filled = fill(pipe)
    service = await run(data.path, { journal: { path } })
    await service.says(/journal fails: .*disk has not answered for 2 s/, 120_000)
    await goesOn()

    const before = new Set(changes().map(keyOf))
    let written = ''
    const drain = setInterval(() => {
      written += take(pipe)
    }, 20)
    onTestFinished(() => clearInterval(drain))
    await service.says(/journal works again/, 30_000)
    await goesOn()
    expect(await service.stop('SIGTERM')).toBe(0)
    written += take(pipe)
    const journaled = written
      .slice(filled)
      .trimEnd()
      .split('\n')
      .map(line => keyOf(JSON.parse(line) as Change))
    await until(() => changes().length >= journaled.length, 'all is received')
    expect(before.size).toBeGreaterThan(0)
    expect(changes().filter(change => !journaled.includes(keyOf(change)))).toEqual([])
    expect(new Set(journaled).size, 'nothing twice').toBe(journaled.length)
  })

  test.skipIf(!canHangDisk)(
    'a disk that hangs: events go out, and it gets everything when it works again',
    {
      timeout: 300_000,
    },
    async () => {
      const disk = await mountHangingDisk()
      onTestFinished(disk.remove)
      linkModels(disk.behind)
      service = await run(disk.path)
      await goesOn(2)
      disk.hang()
      await service.says(/outbox fails: the disk has not answered/, 30_000)
      await until(() => messages.some(({ text }) => text.includes('the disk does not answer')), 'the check is critical')
      await goesOn(6)
      disk.goOn()
      await service.says(/outbox works again/, 30_000)
      await goesOn(2)
      expect(await service.stop('SIGTERM')).toBe(0)
      const journaled = readLines(join(disk.behind, 'events.jsonl'))
      expect(changes().filter(change => !journaled.includes(keyOf(change)))).toEqual([])
    },
  )

  test('a stop while the journal hangs: nothing waits for it, and the next run writes what is missing', {
    timeout: 300_000,
  }, async () => {
    const data = dataDirectory()
    onTestFinished(data.remove)
    const path = join(data.path, 'journal')
    execFileSync('mkfifo', [path])
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    fill(pipe)
    service = await run(data.path, { journal: { path } })
    await service.says(/journal fails: .*disk has not answered for 2 s/, 120_000)
    const { child } = service
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    // Node waits for its threads at every exit, so it cannot exit with 0.
    expect(await exited).toEqual([null, 'SIGKILL'])
    expect(service.output()).toContain('a disk or a name server does not answer: ended without waiting for it')
    expect(service.output()).not.toContain('cut short')

    closeSync(pipe)
    rmSync(path)
    const before = changes().map(keyOf)
    service = await run(data.path, { journal: { path } })
    await goesOn(1)
    expect(await service.stop('SIGTERM')).toBe(0)
    const journaled = readLines(path)
    expect(before.length).toBeGreaterThan(0)
    expect(changes().filter(change => !journaled.includes(keyOf(change)))).toEqual([])
  })

  test('a data directory that is deleted: reported, made again, and nothing that waits is lost', {
    timeout: 300_000,
  }, async () => {
    const data = dataDirectory()
    onTestFinished(data.remove)
    service = await run(data.path)
    await goesOn()
    await recorder.endAsync(true)
    await broker.stop()
    const count = () => service?.metric('watchword_event_changes_total', /type="new"/) ?? 0
    const before = await count()
    await until(async () => (await count()) >= before + 2, 'events wait', 60_000)

    rmSync(data.path, { recursive: true })
    for (const what of ['outbox', 'journal'])
      await service.says(new RegExp(`${what} fails: .* was deleted or replaced`))
    await service.says(/its lock was deleted by another program; it is made again/)
    await service.says(/outbox works again/)
    const made = await count()
    const exited = once(service.child, 'close')
    service.child.kill('SIGKILL')
    await exited

    await broker.start()
    linkModels(data.path)
    recorder = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clean: false, clientId: 'recorder' })
    recorder.on('message', (topic, payload) => messages.push({ topic, text: payload.toString() }))
    await recorder.subscribeAsync('watchword/events', { qos: 1 })
    const begun = () => new Set(changes().flatMap(({ type, after }) => (type === 'new' ? after.id : []))).size
    service = await run(data.path)
    await until(() => begun() > made, 'all that began is received, and more', 60_000)
    expect(await service.stop('SIGTERM')).toBe(0)
  })
})

/** @returns the number of bytes that fit */
function fill(pipe: number): number {
  let bytes = 0
  try {
    for (;;) bytes += writeSync(pipe, Buffer.alloc(4096, ' '))
  } catch {
    return bytes
  }
}

/** What is in the pipe now. */
function take(pipe: number): string {
  const buffer = Buffer.alloc(65536)
  try {
    return buffer.toString('utf8', 0, readSync(pipe, buffer))
  } catch {
    return ''
  }
}
