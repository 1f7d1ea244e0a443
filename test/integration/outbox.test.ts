/**
 * Nothing lost: our process killed at random moments, and together with a real broker.
 * Longer: OUTBOX_KILLS=200 and OUTBOX_OUTAGE_SECONDS=60.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'mqtt'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ChangePayload } from '../../src/sinks/eventPayload.ts'
import { createRandom } from '../../src/util/random.ts'
import { type Child, startChild } from '../support/child.ts'
import { hasMosquitto, startMosquitto } from '../support/mosquitto.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const KILLS = Number(process.env.OUTBOX_KILLS ?? 15)
const OUTAGE_MS = Number(process.env.OUTBOX_OUTAGE_SECONDS ?? 2) * 1000

let dir: string
beforeEach(() => {
  dir = temporaryFolder()
})

interface Step {
  camera: string
  id: string
  type: string
  seq: number
}

/** What must be true of everything that was sent, repeats with the same id and seq left out. */
function checkSent(sent: readonly Step[], journal: readonly ChangePayload[]): Step[] {
  const once = [...new Map(sent.map(step => [`${step.id}/${step.seq}`, step])).values()]
  const journaled = new Set(journal.map(({ seq, after }) => `${after.id}/${seq}`))
  expect(journaled.size, 'the journal has nothing twice').toBe(journal.length)

  // Updates may be replaced by later ones; beginnings and ends are the same here and there.
  const edges = (steps: readonly { id: string; type: string }[]) =>
    new Set(steps.filter(({ type }) => type !== 'update').map(({ id, type }) => `${id} ${type}`))
  expect(edges(once)).toEqual(edges(journal.map(({ type, after }) => ({ id: after.id, type }))))
  for (const { id, seq } of once) expect(journaled.has(`${id}/${seq}`), `${id}/${seq} is in the journal`).toBe(true)

  for (const camera of new Set(once.map(step => step.camera))) {
    const open = new Set<string>()
    let last = ''
    const order: string[] = []
    for (const { id, type } of once.filter(step => step.camera === camera)) {
      expect(open.has(id), `${id} ${type} comes in its turn`).toBe(type !== 'new')
      if (type === 'new') open.add(id)
      if (id !== last) order.push(id)
      last = id
    }
    expect(order, 'events of a camera keep their order').toEqual([
      ...new Set(journal.filter(({ after }) => after.camera === camera).map(({ after }) => after.id)),
    ])
  }
  return once
}

function readJournal(): ChangePayload[] {
  const lines = readFileSync(join(dir, 'events.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map(line => JSON.parse(line) as ChangePayload)
}

function stepsOf(lines: readonly string[], verb: string): Step[] {
  return lines
    .map(line => line.split(' '))
    .filter(([first]) => first === verb)
    .map(([, camera = '', id = '', type = '', seq = '']) => ({ camera, id, type, seq: Number(seq) }))
}

describe('outbox, process killed at random moments', () => {
  it(`loses nothing in ${KILLS} kills`, { timeout: 60_000 + KILLS * 5000 }, async () => {
    const random = createRandom('kill')
    const lines: string[] = []
    let openedIn = 0
    for (let run = 0; run < KILLS; run++) {
      const child = startChild('test/support/outboxChild.ts', [dir, `run${run}`])
      await child.says('opening')
      // Some kills hit the opening, most the storing and the sending.
      await sleep(random.between(0, 250))
      child.kill('SIGKILL')
      await child.ended
      if (child.lines.includes('opened')) openedIn++
      lines.push(...child.lines)
    }
    const last = startChild('test/support/outboxChild.ts', [dir, 'last', 'drain'])
    await last.says('done')
    await last.ended
    lines.push(...last.lines)

    expect(lines).not.toContain('damaged')
    const stored = stepsOf(lines, 'stored')
    const sent = checkSent(stepsOf(lines, 'sent'), readJournal())
    const sentKeys = new Set(sent.map(({ id, seq }) => `${id}/${seq}`))
    const lost = stored.filter(({ type, id, seq }) => type !== 'update' && !sentKeys.has(`${id}/${seq}`))
    expect(lost).toEqual([])
    expect(stored.length, 'the test stored something').toBeGreaterThan(KILLS)
    const ended = new Set(sent.filter(({ type }) => type === 'end').map(({ id }) => id))
    expect(
      sent.filter(({ type, id }) => type === 'new' && !ended.has(id)),
      'every event ended',
    ).toEqual([])
    console.log(`${KILLS} kills, ${openedIn} after the opening: ${stored.length} changes stored, ${sent.length} sent`)
  })
})

const skip = !hasMosquitto && !process.env.CI
if (skip) console.warn('SKIPPED: mosquitto is not installed')

describe.skipIf(skip)('outbox, broker and process killed', () => {
  it(`publishes what the journal has after ${OUTAGE_MS / 1000} s without a broker`, {
    timeout: 120_000 + OUTAGE_MS,
  }, async () => {
    const broker = await startMosquitto()
    const url = `mqtt://127.0.0.1:${broker.port}`
    const received: ChangePayload[] = []
    const states = new Map<string, string>()
    const listener = connect(url, { reconnectPeriod: 100 })
    listener.on('error', () => undefined)
    listener.on('connect', () => listener.subscribe('watchword/#', { qos: 1 }))
    listener.on('message', (topic, payload) => {
      if (topic === 'watchword/events') received.push(JSON.parse(payload.toString()))
      else states.set(topic, payload.toString())
    })
    let child: Child | null = null
    try {
      child = startChild('test/support/watchChild.ts', [dir, url, 'first'])
      await until(() => received.length > 10, 'events flow')
      // The broker has handed on all that it acknowledged before it dies: what it loses is not ours to prove.
      child.kill('SIGSTOP')
      await quiet(received)
      await broker.stop('SIGKILL')
      child.kill('SIGCONT')
      await sleep(OUTAGE_MS)
      child.kill('SIGKILL')
      await child.ended
      expect(waiting(child), 'events waited when it was killed').toBeGreaterThan(5)

      await broker.start()
      await until(() => listener.connected, 'the listener is back')
      child = startChild('test/support/watchChild.ts', [dir, url, 'second'])
      await until(() => received.some(({ after }) => after.id.startsWith('second')), 'events flow again')
      child.kill('SIGTERM')
      await child.says('done')
      await child.ended
      await quiet(received)
    } finally {
      child?.kill('SIGKILL')
      await listener.endAsync(true)
      await broker.remove()
    }
    const steps = received.map(({ type, seq, after: { id, camera } }) => ({ type, seq, id, camera }))
    checkSent(steps, readJournal())
    expect(received.some(({ replayed, recorded_at, sent_at }) => replayed && (sent_at ?? 0) > recorded_at)).toBe(true)
    expect(received.some(({ after }) => after.end_reason === 'restart')).toBe(true)
    expect([...states].filter(([topic, state]) => topic.endsWith('/state') && state === 'ON')).toEqual([])
  })
})

function waiting(child: Child): number {
  const last = child.lines.filter(line => line.startsWith('waiting')).at(-1)
  return Number(last?.split(' ')[1] ?? 0)
}

/** Resolves when nothing has come for a while. */
async function quiet(received: readonly unknown[]): Promise<void> {
  for (let count = -1; count !== received.length; ) {
    count = received.length
    await sleep(500)
  }
}
