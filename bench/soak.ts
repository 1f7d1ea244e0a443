/** The whole product for a long time, while cameras flap and the broker is restarted: nothing lost, nothing that grows. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../src/util/random.ts'
import { memoryEnvironment } from '../test/support/memoryEnvironment.ts'
import { startMosquitto } from '../test/support/mosquitto.ts'
import { childrenWith } from '../test/support/processes.ts'
import type { Product } from '../test/support/product.ts'
import { slope } from '../test/support/slope.ts'
import { until } from '../test/support/until.ts'
import { residentBytes, treeCpuSeconds } from './cpu.ts'
import { type FlakyLink, startFlakyLink } from './flakyLink.ts'
import { startReplay } from './replay.ts'
import type { Measurement } from './report.ts'
import { makeFootage, type Rig } from './rig.ts'
import { compareChanges, leftOn, readJournal, startRecorder } from './soakChanges.ts'
import { startBuild } from './startBuild.ts'

const FLAPPING = 3
const REPLAYED = 4
/** Seconds between two restarts of the broker, and how long it stays away. */
const BROKER = { every: 60, away: 5 }
/** Allocators and caches fill at first; growth is judged after it. */
const WARM_UP_MINUTES = 5
const SAMPLE_MS = 2000

/** An event that begins and ends every few seconds, whatever the image shows. */
const ALWAYS = {
  prompts: ['a street'],
  negative_prompts: ['a cat'],
  threshold: 0.01,
  release_threshold: 0,
  min_on: '0s',
  max_duration: '4s',
}

export async function benchSoak(rig: Rig, minutes: number): Promise<Measurement> {
  const clip = join(rig.dir, 'soak.h264')
  await makeFootage(clip, rig.ffmpeg, { width: 640, height: 360, fps: 10, seconds: 20, keyframeSeconds: 1 })
  const replay = await startReplay({ clip, fps: 10, cameras: REPLAYED })
  const links = await Promise.all(replay.urls.slice(0, FLAPPING).map(url => startFlakyLink(Number(new URL(url).port))))
  // Saved at once, so that the recorder's subscription outlives the broker.
  const broker = await startMosquitto({ config: PERSISTENCE(rig.dir) })
  const url = `mqtt://127.0.0.1:${broker.port}`
  const recorder = await startRecorder(url)
  const journal = join(rig.dir, 'soak-events.jsonl')
  const env = memoryEnvironment()
  const product = await startBuild(configOf(url, journal, replay.urls, links), await rig.data(), env)
  const stop = new AbortController()
  try {
    await until(async () => (await scrape(product, 'camera_up')) === REPLAYED + 2, 'all cameras are online', 120_000)
    const random = createRandom('soak')
    const faults = links.map(link => flap(link, random, stop.signal))
    const restarts = restartEachMinute(broker, stop.signal)
    const cpuBefore = treeCpuSeconds(product.child.pid ?? 0)
    const samples = await takeSamples(product, minutes)
    const cpuSeconds = treeCpuSeconds(product.child.pid ?? 0) - cpuBefore
    stop.abort()
    const [faultCounts, brokerRestarts] = [await Promise.all(faults), await restarts]
    const scraped = await readCounters(product)
    await until(async () => (await scrape(product, 'outbox_messages')) === 0, 'the outbox is empty', 120_000)
    const exitCode = await product.stop()
    const journaled = readJournal(journal)
    await until(() => recorder.has(journaled), 'everything is received', 30_000).catch(() => undefined)
    const found = compareChanges(recorder.changes, journaled)
    const on = await leftOn(url)
    const { rows, notes } = describeMemory(samples)
    return {
      name: 'soak',
      title: 'Soak: flapping cameras, a broker that restarts',
      method: `\`watchword run\` with two demo cameras and ${REPLAYED} RTSP cameras at 4 fps, an event that begins and ends every few seconds on each, snapshots and discovery on. The way to ${FLAPPING} of the cameras is cut, refused or hangs again and again (seeded); a real Mosquitto is killed (-9) every ${BROKER.every} s and comes back after ${BROKER.away} s. ${minutes} minutes; \`--minutes\` sets others. The environment is that of the systemd unit and the image: ${Object.entries(
        env,
      )
        .map(([name, value]) => `\`${name}=${value}\``)
        .join(' ')}. Slopes are least squares after ${WARM_UP_MINUTES} minutes.`,
      columns: ['what', 'measured', 'target'],
      rows: [
        ['broker kills / faults of cameras', `${brokerRestarts} / ${faultCounts.reduce((a, b) => a + b, 0)}`, ''],
        ['cameras lost', scraped.losses, ''],
        ['changes in the journal', journaled.length, ''],
        ['changes published / more than once', `${found.published} / ${found.again}`, ''],
        ['published, not in the journal', found.notJournaled, 0],
        ['begins and ends in the journal, not published', found.notPublished, 0],
        ['updates in the journal, not published (replaced by later ones)', found.replaced, ''],
        ['out of order, per camera', found.outOfOrder, 0],
        ['events without their one end', found.notEndedOnce, 0],
        ['topics left ON', on, 0],
        ['exit code after SIGTERM', exitCode ?? 'killed', 0],
        ['CPU of Node and its ffmpegs, s a minute', (cpuSeconds / minutes).toFixed(1), ''],
        ...rows,
      ],
      notes,
    }
  } finally {
    stop.abort()
    await product.stop().catch(() => undefined)
    await recorder.close()
    await broker.remove()
    for (const link of links) await link.close()
    await replay.close()
  }
}

const PERSISTENCE = (dir: string) => [
  'persistence true',
  `persistence_location ${dir}/`,
  'autosave_on_changes true',
  'autosave_interval 1',
  'max_queued_messages 0',
]

function configOf(url: string, journal: string, urls: readonly string[], links: readonly FlakyLink[]): object {
  const replayed = urls.map((direct, i) => {
    const through = new URL(direct)
    if (links[i]) through.port = String(links[i].port)
    return [`camera${i}`, { url: through.href, fps: 4, stall_timeout: '5s' }]
  })
  const demo = { street: { url: 'demo:street?seed=7', fps: 4 }, crossing: { url: 'demo:crossing?seed=8', fps: 4 } }
  return {
    mqtt: { url },
    metrics: { port: 0 },
    journal: { path: journal },
    cameras: { ...demo, ...Object.fromEntries(replayed) },
    events: { always: ALWAYS, person_walking: { use: 'person_walking' } },
  }
}

type Random = ReturnType<typeof createRandom>

/** Resolves to the number of faults, when the signal is given and all works again. */
async function flap(link: FlakyLink, random: Random, signal: AbortSignal): Promise<number> {
  const pause = (from: number, to: number) => sleep(random.between(from, to) * 1000, undefined, { signal })
  let count = 0
  try {
    while (!signal.aborted) {
      await pause(15, 45)
      count++
      const kind = random.pick(['cut', 'refuse', 'hang'] as const)
      await link[kind]()
      if (kind !== 'cut') await pause(4, 15)
      await link.restore()
    }
  } catch {
    // The signal ends a pause.
  }
  await link.restore()
  return count
}

async function restartEachMinute(
  broker: { start(): Promise<void>; stop(): Promise<void> },
  signal: AbortSignal,
): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      await sleep((BROKER.every - BROKER.away) * 1000, undefined, { signal })
    } catch {
      return count
    }
    await broker.stop()
    await sleep(BROKER.away * 1000)
    await broker.start()
  }
}

interface Sample {
  readonly minute: number
  readonly megabytes: number
  readonly heapMegabytes: number
  /** What V8 has taken from the system for its heap, used or not. */
  readonly heldMegabytes: number
  readonly files: number
  readonly threads: number
  readonly children: number
  readonly delaySeconds: number
}

async function takeSamples(product: Product, minutes: number): Promise<Sample[]> {
  const pid = product.child.pid ?? 0
  const samples: Sample[] = []
  const startedAt = performance.now()
  for (let minute = 0; minute < minutes; minute = (performance.now() - startedAt) / 60_000) {
    samples.push({
      minute,
      megabytes: residentBytes(pid) / 1e6,
      heapMegabytes: (await product.metric('nodejs_heap_size_used_bytes')) / 1e6,
      heldMegabytes: (await product.metric('nodejs_heap_size_total_bytes')) / 1e6,
      files: readdirSync(`/proc/${pid}/fd`).length,
      threads: Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
      children: childrenWith('', pid).length,
      delaySeconds: await product.metric('nodejs_eventloop_lag_p99_seconds'),
    })
    await sleep(SAMPLE_MS)
  }
  return samples
}

function describeMemory(samples: readonly Sample[]): Pick<Measurement, 'rows' | 'notes'> {
  const warm = samples.filter(({ minute }) => minute >= WARM_UP_MINUTES)
  const settled = warm.length > 1 ? warm : samples
  const range = (of: (sample: Sample) => number, digits = 0) => {
    const values = settled.map(of)
    return `${values[0]?.toFixed(digits)} → ${values.at(-1)?.toFixed(digits)} (${Math.min(...values).toFixed(digits)} – ${Math.max(...values).toFixed(digits)})`
  }
  /** Over everything after the warm-up and over the second half of it: what goes on growing shows in both. */
  const slopeOf = (of: (sample: Sample) => number) => {
    const [all, half] = [settled, settled.slice(settled.length / 2)].map(some =>
      slope(some.map(sample => [sample.minute, of(sample)])).toFixed(2),
    )
    return `${all} MB a minute; second half ${half}`
  }
  const perMinute = settled.filter(
    ({ minute }, i) => i === 0 || Math.floor(minute) > Math.floor(settled[i - 1]?.minute ?? 0),
  )
  return {
    rows: [
      ['resident memory of Node, MB', range(({ megabytes }) => megabytes), ''],
      ['its slope', slopeOf(({ megabytes }) => megabytes), '≤ 0.1'],
      ['JavaScript heap in use, MB', range(({ heapMegabytes }) => heapMegabytes), ''],
      ['its slope', slopeOf(({ heapMegabytes }) => heapMegabytes), ''],
      ['JavaScript heap that V8 holds, MB', range(({ heldMegabytes }) => heldMegabytes), ''],
      ['resident memory without it, slope', slopeOf(({ megabytes, heldMegabytes }) => megabytes - heldMegabytes), ''],
      ['open files', range(({ files }) => files), 'flat'],
      ['threads', range(({ threads }) => threads), 'flat'],
      ['children', range(({ children }) => children), '≤ 1 a camera'],
      [
        'event loop delay p99, worst scrape',
        `${Math.max(...samples.map(s => s.delaySeconds * 1000)).toFixed(0)} ms`,
        '',
      ],
    ],
    notes: [
      'Ranges: first → last sample (least – most), after the warm-up.',
      `Resident memory minute by minute, MB: ${perMinute.map(({ megabytes }) => megabytes.toFixed(0)).join(' ')}.`,
    ],
  }
}

async function readCounters(product: Product): Promise<{ losses: string }> {
  const reasons = ['timeout', 'refused', 'eof', 'crash', 'not-found', 'invalid-data']
  const counts = await Promise.all(
    reasons.map(async reason => {
      const count = await product.metric('watchword_camera_reconnects_total', new RegExp(`reason="${reason}"`))
      return `${reason} ${count}`
    }),
  )
  return { losses: counts.join(', ') }
}

/** NaN before /metrics is there. */
async function scrape(product: Product, name: string): Promise<number> {
  return product.metric(`watchword_${name}`).catch(() => Number.NaN)
}
