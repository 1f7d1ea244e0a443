/** A disk that is really full, under the whole product: events go on, the disk error is reported once, all is written in the end. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openOutbox } from '../../src/sinks/mqtt/outbox.ts'
import { readOutboxLog } from '../../src/sinks/mqtt/outboxLog.ts'
import { change } from '../support/change.ts'
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { linkModels, type Product, startProduct } from '../support/product.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { canMount, mountSmallDisk, type SmallDisk } from '../support/smallDisk.ts'
import { until } from '../support/until.ts'

/** Just above what the check takes for nearly full. */
const DISK_MB = 520

const skip = !canMount || (!hasMosquitto && !process.env.CI)
if (!hasMosquitto) console.warn('SKIPPED: mosquitto is not installed')

describe.skipIf(skip)('a full disk', () => {
  let disk: SmallDisk
  let broker: Mosquitto
  let listener: MqttClient
  let service: Product | null = null
  const received: { topic: string; text: string }[] = []

  beforeEach(async () => {
    disk = mountSmallDisk(DISK_MB)
    linkModels(disk.path)
    broker = await startMosquitto()
    listener = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`)
    listener.on('message', (topic, payload) => received.push({ topic, text: payload.toString() }))
    await listener.subscribeAsync('#', { qos: 1 })
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(service?.output())
    await service?.stop('SIGKILL')
    await listener.endAsync()
    await broker.remove()
    disk.remove()
  })

  const changes = () =>
    received.filter(({ topic }) => topic === 'watchword/events').map(({ text }) => JSON.parse(text) as Change)
  const diskHealth = () =>
    received.findLast(({ topic }) => topic.startsWith('watchword/bridge/health/disk/'))?.text ?? ''

  test('is reported, events go out, and afterwards the journal is complete', {
    timeout: 400_000,
  }, async () => {
    service = await startProduct(disk.path, {
      mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
      metrics: { port: 0 },
      cameras: { yard: { url: 'demo:street?seed=7', fps: 4 }, gate: { url: 'demo:crossing?seed=8', fps: 4 } },
    })
    await until(() => changes().length > 0, 'an event', 120_000)
    await until(() => diskHealth().includes('"ok"'), 'the disk is judged', 30_000)

    disk.fill()
    for (const sink of ['outbox', 'journal', 'snapshots'])
      await service.says(new RegExp(`${sink} fails: Cannot write .*: the disk is full`), 120_000)
    await until(() => diskHealth().includes('"critical"'), 'the disk is full', 30_000)
    const before = changes().length
    await until(() => changes().length > before + 2, 'events go on', 120_000)
    expect(service.output().match(/outbox fails/g), 'reported once').toHaveLength(1)

    disk.empty()
    for (const sink of ['outbox', 'journal']) await service.says(new RegExp(`${sink} works again`), 30_000)
    await until(() => diskHealth().includes('"ok"'), 'the disk is well again', 60_000)
    expect(await service.stop('SIGTERM')).toBe(0)

    const journal = readFileSync(join(disk.path, 'events.jsonl'), 'utf8').trimEnd().split('\n')
    const written = new Set(journal.map(line => keyOf(JSON.parse(line) as Change)))
    expect(changes().filter(change => !written.has(keyOf(change)))).toEqual([])
    expect(await readOutboxLog(join(disk.path, 'outbox.log'), Date.now(), () => {})).toBeNull()
  })
})

test.skipIf(!canMount)(
  'an outbox that is damaged, on a disk that is full: opens, keeps both parts, writes when it can',
  async () => {
    const disk = mountSmallDisk(1)
    onTestFinished(disk.remove)
    const path = join(disk.path, 'outbox.log')
    const telemetry = recordTelemetry()
    const open = () => openOutbox({ path, maxMessages: 1000, maxBytes: 1e7, maxAgeMs: 1e12, telemetry })
    const first = await open()
    for (const id of ['a', 'b', 'c']) await first.put(change('new', id, 0))
    await first.close()
    const whole = readFileSync(path, 'latin1')
    const damaged = whole.replace('"id":"b"', '"id":"x"')
    writeFileSync(path, damaged, 'latin1')
    disk.fill()

    const second = await open()
    const [damage] = telemetry.of('OutboxDamaged')
    expect(readFileSync(damage?.setAside ?? '', 'latin1')).toBe(damaged)
    expect(telemetry.of('SinkFailed')).toHaveLength(1)
    const ids = new Set(second.interrupted.map(({ id }) => id))
    expect(ids).toEqual(new Set(['a', 'c']))
    await second.put(change('new', 'd', 0))
    disk.empty()
    await until(() => telemetry.of('SinkRecovered').length === 1, 'the disk is back')
    await second.close()
    const records: unknown[] = []
    expect(await readOutboxLog(path, Date.now(), some => records.push(...some))).toBeNull()
    expect(JSON.stringify(records)).toContain('"id":"d"')
  },
)

test.skipIf(!skip)('a full disk: skipped, mounting is not allowed or mosquitto is not installed', () => {})

interface Change {
  readonly seq: number
  readonly after: { readonly id: string }
}

function keyOf({ seq, after }: Change): string {
  return `${after.id}/${seq}`
}
