/**
 * The whole product killed again and again (kill -9) under a real broker: what was published is in the journal, what is in
 * the journal was published, everything ends, no topic stays ON. Longer: PRODUCT_KILLS=100.
 */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mqtt from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { createRandom } from '../../src/util/random.ts'
import { hasMosquitto, startMosquitto } from '../support/mosquitto.ts'
import { dataDirectory, startProduct } from '../support/product.ts'
import { until } from '../support/until.ts'

const KILLS = Number(process.env.PRODUCT_KILLS ?? 1)

const skip = !hasMosquitto && !process.env.CI
if (skip) console.warn('SKIPPED: mosquitto is not installed')

interface Change {
  readonly type: 'new' | 'update' | 'end'
  readonly seq: number
  readonly after: { readonly id: string; readonly end_reason: string | null }
}

const keyOf = ({ type, seq, after }: Change) => `${after.id} ${seq} ${type}`

/** Updates may be replaced by later ones while they wait; a beginning and an end never are. */
const edgesOf = (changes: readonly Change[]) => changes.filter(({ type }) => type !== 'update').map(keyOf)

/** An event that begins and ends every few seconds, whatever the picture shows. */
const EVENT = {
  prompts: ['a street'],
  negative_prompts: ['a cat'],
  threshold: 0.01,
  release_threshold: 0,
  min_on: '0s',
  max_duration: '2s',
}

test.skipIf(skip)(
  `the product killed ${KILLS} times: published = journaled, and nothing stays ON`,
  {
    timeout: 120_000 + KILLS * 60_000,
  },
  async () => {
    const broker = await startMosquitto()
    const data = dataDirectory()
    const url = `mqtt://127.0.0.1:${broker.port}`
    // Its subscription outlives its connection: nothing is missed.
    const recorder = await mqtt.connectAsync(url, { clean: false, clientId: 'recorder' })
    const published: Change[] = []
    recorder.on('message', (_, payload) => published.push(JSON.parse(payload.toString())))
    await recorder.subscribeAsync('watchword/events', { qos: 1 })
    let product: Awaited<ReturnType<typeof startProduct>> | null = null
    onTestFinished(async () => {
      await product?.stop('SIGKILL')
      await recorder.endAsync(true)
      await broker.remove()
      data.remove()
    })
    const start = () =>
      startProduct(data.path, {
        mqtt: { url },
        metrics: { port: 0 },
        cameras: { yard: { url: 'demo:street?seed=7', fps: 8 }, gate: { url: 'demo:crossing?seed=8', fps: 8 } },
        events: { always: EVENT },
      })
    const random = createRandom('product kills')
    for (let run = 0; run < KILLS; run++) {
      product = await start()
      const before = published.length
      await until(() => published.slice(before).some(({ type }) => type === 'new'), 'an event begins', 60_000)
      await sleep(random.between(0, 3000))
      const exited = once(product.child, 'close')
      product.child.kill('SIGKILL')
      await exited
    }
    product = await start()
    const before = published.length
    await until(() => published.slice(before).some(({ type }) => type === 'new'), 'an event begins', 60_000)
    expect(await product.stop('SIGTERM')).toBe(0)

    const journal = readFileSync(join(data.path, 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Change)
    await until(() => new Set(edgesOf(published)).size >= edgesOf(journal).length, 'all is received')
    const journaled = new Set(journal.map(keyOf))
    expect(journaled.size, 'the journal has nothing twice').toBe(journal.length)
    expect(
      published.map(keyOf).filter(key => !journaled.has(key)),
      'published, not journaled',
    ).toEqual([])
    expect(new Set(edgesOf(published)), 'published = journaled').toEqual(new Set(edgesOf(journal)))
    const begun = journal.filter(({ type }) => type === 'new').map(({ after }) => after.id)
    const ended = journal.filter(({ type }) => type === 'end').map(({ after }) => after.id)
    expect(ended.sort(), 'every event ended once').toEqual(begun.sort())
    expect(await retainedStates(url)).toEqual({ on: [], known: 2 })
    const restarts = journal.filter(({ after }) => after.end_reason === 'restart').length
    console.log(
      `${KILLS} kills: ${published.length} published, ${journal.length} journaled, ${restarts} ended by a restart`,
    )
  },
)

/** The topics that a new subscriber finds ON, and how many it finds. */
async function retainedStates(url: string): Promise<{ on: string[]; known: number }> {
  const states = new Map<string, string>()
  const client = await mqtt.connectAsync(url)
  client.on('message', (topic, payload) => states.set(topic, payload.toString()))
  await client.subscribeAsync('watchword/+/+/state', { qos: 1 })
  await until(() => states.size >= 2, 'the retained states come')
  await client.endAsync()
  return { on: [...states].filter(([, state]) => state === 'ON').map(([topic]) => topic), known: states.size }
}
