/** The whole product while its journal or its disk hangs, and while another program deletes its data directory. */

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { fill, take } from '../support/fullPipe.ts'
import { canHangDisk, mountHangingDisk } from '../support/hangingDisk.ts'
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { dataDirectory, linkModels, type Product, startProduct } from '../support/product.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
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

/** Goes on from the first frame, whatever the image shows. */
const EVENT = {
  prompts: ['a street'],
  negative_prompts: ['a cat'],
  threshold: 0.01,
  release_threshold: 0,
  min_on: '0s',
}

describe.skipIf(skip)('data that hangs or is deleted', () => {
  let broker: Mosquitto
  let recorder: MqttClient
  let service: Product | null = null
  let change: () => void | Promise<void> = () => {}
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
  /** The config is in a folder of its own, which neither hangs nor is deleted. */
  const run = async (dataDir: string, more: object = {}) => {
    const folder = temporaryFolder()
    const config = (event: string) => ({
      mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
      metrics: { port: 0 },
      data_dir: dataDir,
      cameras: { yard: { url: 'demo:street?seed=7', fps: 4 } },
      events: { [event]: EVENT },
      ...more,
    })
    const started = await startProduct(folder, config('even'))
    // At once, so that it is stopped when it does not get further.
    service = started
    let count = 0
    /** Another name ends the event and begins the next. */
    change = () => {
      writeFileSync(join(folder, 'watchword.yaml'), JSON.stringify(config(++count % 2 === 0 ? 'even' : 'odd')))
      started.child.kill('SIGHUP')
    }
    const before = changes().length
    await until(
      () =>
        changes()
          .slice(before)
          .some(({ type }) => type === 'new'),
      'an event begins',
      180_000,
    )
    return started
  }
  const begun = (of: Product) => of.metric('watchword_event_changes_total', /type="new"/)
  const goesOn = async (count = 2) => {
    for (let i = 0; i < count; i++) {
      const before = changes().length
      await change()
      await until(() => changes().length >= before + 2, 'the event ends and the next begins', 60_000)
    }
  }
  const ask = (name: string, request: object) => {
    void recorder.publishAsync(`watchword/bridge/request/${name}`, JSON.stringify(request), { qos: 1 })
  }
  const readLines = (path: string) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => keyOf(JSON.parse(line) as Change))

  /** The journal is a pipe that is full: opening works, writing waits. Returns when that was reported. */
  const runWithHangingJournal = async (dir: string) => {
    const path = join(dir, 'journal')
    execFileSync('mkfifo', [path])
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    const filled = fill(pipe)
    const running = await run(dir, { journal: { path } })
    service = running
    await running.says(/journal fails: .*disk has not answered for 2 s/, 120_000)
    return { path, pipe, filled, running }
  }

  test('a journal that hangs: events go out, and it gets everything when it works again', {
    timeout: 300_000,
  }, async () => {
    const data = dataDirectory()
    onTestFinished(data.remove)
    const { pipe, filled, running } = await runWithHangingJournal(data.path)
    await goesOn()

    const before = new Set(changes().map(keyOf))
    let written = ''
    const drain = setInterval(() => {
      written += take(pipe)
    }, 20)
    onTestFinished(() => clearInterval(drain))
    await running.says(/journal works again/, 30_000)
    await goesOn()
    expect(await running.stop('SIGTERM')).toBe(0)
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
      // Not by a reload: it would wait for the disk, where the embeddings of phrases are kept.
      change = async () => {
        const before = changes().length
        ask('event', { event: 'even', enabled: false })
        await until(() => changes().length > before, 'the event ends', 60_000)
        ask('event', { event: 'even', enabled: true })
      }
      await goesOn(1)
      disk.hang()
      await goesOn(1)
      await service.says(/outbox fails: the disk has not answered/, 30_000)
      await until(() => messages.some(({ text }) => text.includes('the disk does not answer')), 'the check is critical')
      await goesOn(4)
      disk.goOn()
      await service.says(/outbox works again/, 30_000)
      await goesOn(2)
      expect(await service.stop('SIGTERM')).toBe(0)
      const journaled = readLines(join(disk.behind, 'events.jsonl'))
      expect(changes().filter(change => !journaled.includes(keyOf(change)))).toEqual([])
    },
  )

  test('a stop while the journal hangs: nothing waits for it, and the next run writes the missing lines', {
    timeout: 300_000,
  }, async () => {
    const data = dataDirectory()
    onTestFinished(data.remove)
    const { path, pipe, running } = await runWithHangingJournal(data.path)
    const { child } = running
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    // Node waits for its threads at every exit, so it cannot exit with 0.
    expect(await exited).toEqual([null, 'SIGKILL'])
    expect(running.output()).toContain('a disk or a name server does not answer: ended without waiting for it')
    expect(running.output()).not.toContain('cut short')

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
    await goesOn(1)
    await recorder.endAsync(true)
    await broker.stop()
    const count = async () => (service === null ? 0 : begun(service))
    for (let i = 0; i < 3; i++) {
      const before = await count()
      change()
      await until(async () => (await count()) > before, 'the next event begins', 30_000)
    }

    // At once: what is deleted file by file may be made again meanwhile, and deleted a second time.
    renameSync(data.path, `${data.path}-deleted`)
    rmSync(`${data.path}-deleted`, { recursive: true })
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
    const received = () => new Set(changes().flatMap(({ type, after }) => (type === 'new' ? after.id : []))).size
    service = await run(data.path)
    await until(() => received() > made, 'all that began is received, and the first of the new run', 60_000)
    expect(await service.stop('SIGTERM')).toBe(0)
  })
})
