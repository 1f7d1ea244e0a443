import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type BankFolder, bankFolder } from '../../src/bank/bankFolder.ts'
import { startBankKeeper } from '../../src/bank/bankKeeper.ts'
import { createQuietBanks } from '../../src/bank/quietBanks.ts'
import { EMPTY_RESERVOIR, insert } from '../../src/bank/reservoir.ts'
import { createSinkHealth } from '../../src/sinks/sink.ts'
import { bankEntry, DIM } from '../support/embeddings.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const MODEL = { sha256: 'ab'.repeat(32), variant: 'int8', dim: DIM }
const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Calls of the real folder that have not been answered. */
let open = 0

/** The folder, with its open calls counted. */
function counted(folder: BankFolder): BankFolder {
  const count =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      open += 1
      try {
        return await call(...args)
      } finally {
        open -= 1
      }
    }
  return {
    read: count(folder.read),
    keys: count(folder.keys),
    write: count(folder.write),
    list: count(folder.list),
    remove: count(folder.remove),
    request: count(folder.request),
    requests: count(folder.requests),
    settle: count(folder.settle),
  }
}

/** Lets the timers of this span fire; the disk answers before the next second. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    await vi.advanceTimersByTimeAsync(1000)
    while (open > 0) await new Promise(resolve => setImmediate(resolve))
  }
}

function start(dataDir: string, replace: (folder: BankFolder) => BankFolder = folder => folder) {
  const telemetry = recordTelemetry()
  const texts = { variant: 'int8', logitScale: 100, calibration: { centre: 20, width: 1 }, events: [] }
  const queue = { push: () => {}, close: () => {} }
  const banks = createQuietBanks({ dim: DIM, texts: () => texts, queue, telemetry })
  const folder = replace(counted(bankFolder(dataDir)))
  const health = createSinkHealth('banks', telemetry)
  // Copied, as `run` does: the functions must not need their object.
  const keeper = { ...startBankKeeper({ folder, model: MODEL, banks, health, telemetry }) }
  /** Adds one image to a camera's bank. */
  const learn = (camera: string, at: number) => {
    const reservoir = insert(banks.reservoir(camera), bankEntry(at))
    banks.forget(camera)
    banks.restore(camera, reservoir)
  }
  const count = (camera: string) => banks.reservoir(camera).entries.length
  return { keeper, banks, telemetry, folder, learn, count }
}

test('what was learned is written soon at first, later every five minutes, and survives a kill', async () => {
  const dataDir = temporaryFolder()
  const first = start(dataDir)
  await first.keeper.watch(['front', 'back'])
  first.learn('front', 0)
  first.learn('front', 5000)
  await pass(12_000)
  expect(await first.folder.list()).toEqual([])
  await pass(6000)
  expect(await first.folder.list()).toHaveLength(1)
  // 15, 30, 60, 120 and 240 s: from now on every five minutes.
  await pass(8 * MINUTE)
  first.learn('front', 10_000)
  await pass(4 * MINUTE)
  // Killed: nothing is closed.
  const second = start(dataDir)
  await second.keeper.watch(['front', 'back'])
  expect([second.count('front'), second.count('back')]).toEqual([2, 0])
})

test('it is written at the end, and not written again while nothing changes', async () => {
  const dataDir = temporaryFolder()
  let writes = 0
  const counting = (folder: BankFolder): BankFolder => ({
    ...folder,
    write: bank => {
      writes += 1
      return folder.write(bank)
    },
  })
  const { keeper, learn } = start(dataDir, counting)
  await keeper.watch(['front'])
  learn('front', 0)
  await keeper.close()
  expect(writes).toBe(1)
  await keeper.close()
  expect(writes).toBe(1)
  const next = start(dataDir, counting)
  await next.keeper.watch(['front'])
  await pass(11 * MINUTE)
  await next.keeper.close()
  expect([next.count('front'), writes]).toEqual([1, 1])
})

test('a damaged file is reported in one line; the other cameras keep theirs', async () => {
  const dataDir = temporaryFolder()
  const first = start(dataDir)
  await first.keeper.watch(['front', 'back'])
  first.learn('front', 0)
  first.learn('back', 0)
  await first.keeper.close()
  const path = join(dataDir, 'banks', 'front.abababababab.int8.bank')
  truncateSync(path, 50)
  const second = start(dataDir)
  await second.keeper.watch(['front', 'back'])
  expect(second.telemetry.of('BankSetAside')).toEqual([
    { type: 'BankSetAside', path, reason: expect.stringContaining('cut short') },
  ])
  expect([second.count('front'), second.count('back')]).toEqual([0, 1])
})

describe('a disk', () => {
  test('that is full is reported once and tried again', async () => {
    let isFull = true
    const { keeper, learn, telemetry, folder } = start(temporaryFolder(), real => ({
      ...real,
      write: bank => (isFull ? Promise.reject(new Error('the disk is full')) : real.write(bank)),
    }))
    await keeper.watch(['front'])
    learn('front', 0)
    await pass(16 * MINUTE)
    expect(telemetry.of('SinkFailed')).toEqual([{ type: 'SinkFailed', sink: 'banks', error: 'the disk is full' }])
    isFull = false
    await pass(6 * MINUTE)
    expect(telemetry.of('SinkRecovered')).toHaveLength(1)
    expect(await folder.list()).toHaveLength(1)
  })

  test('that hangs delays neither the start nor the end by more than two seconds each, and nothing is queued', async () => {
    let calls = 0
    const hang = () => {
      calls += 1
      return new Promise<never>(() => {})
    }
    const { keeper, learn, telemetry } = start(temporaryFolder(), real => ({
      ...real,
      read: hang,
      write: hang,
      requests: hang,
    }))
    const started = keeper.watch(['front'])
    await pass(2000)
    await started
    learn('front', 0)
    await pass(20 * MINUTE)
    expect(calls).toBe(1)
    const ended = keeper.close()
    await pass(2000)
    await ended
    expect(telemetry.of('SinkFailed')).toHaveLength(1)
  })

  test('whose folder another program deletes gets a new one', async () => {
    const dataDir = temporaryFolder()
    const { keeper, learn, folder, telemetry } = start(dataDir)
    await keeper.watch(['front'])
    learn('front', 0)
    await pass(6 * MINUTE)
    rmSync(join(dataDir, 'banks'), { recursive: true })
    learn('front', 5000)
    await pass(6 * MINUTE)
    expect(await folder.list()).toHaveLength(1)
    expect(telemetry.of('SinkFailed')).toEqual([])
  })

  test('with a file where the folder should be is reported once', async () => {
    const dataDir = temporaryFolder()
    writeFileSync(join(dataDir, 'banks'), '')
    const { keeper, learn, telemetry } = start(dataDir)
    await keeper.watch(['front'])
    learn('front', 0)
    await pass(12 * MINUTE)
    expect(telemetry.of('SinkFailed')).toHaveLength(1)
  })
})

describe('cameras', () => {
  test('that a reload removes are written and let go; back again, they go on', async () => {
    const { keeper, learn, count, folder } = start(temporaryFolder())
    await keeper.watch(['front', 'back'])
    learn('front', 0)
    await keeper.watch(['back'])
    expect(count('front')).toBe(0)
    await pass(6 * MINUTE)
    expect(await folder.list()).toHaveLength(1)
    await keeper.watch(['front', 'back'])
    expect(count('front')).toBe(1)
    learn('front', 5000)
    await keeper.watch(['back'])
    await keeper.watch(['front', 'back'])
    expect(count('front')).toBe(2)
  })

  test('are forgotten on request within seconds, in memory and on disk', async () => {
    const dataDir = temporaryFolder()
    const { keeper, learn, count, folder, telemetry } = start(dataDir)
    await keeper.watch(['front', 'back'])
    for (const camera of ['front', 'back']) learn(camera, 0)
    await pass(6 * MINUTE)
    await bankFolder(dataDir).request('front')
    await pass(4000)
    expect([count('front'), count('back')]).toEqual([0, 1])
    expect((await folder.list()).map(({ bank }) => typeof bank !== 'string' && bank.camera)).toEqual(['back'])
    expect(await folder.requests()).toEqual([])
    expect(telemetry.of('BankCleared')).toEqual([{ type: 'BankCleared', camera: 'front' }])
    learn('front', 20_000)
    await bankFolder(dataDir).request(null)
    await pass(4000)
    expect([count('front'), count('back')]).toEqual([0, 0])
    await keeper.close()
    expect(readdirSync(join(dataDir, 'banks'))).toEqual([])
  })

  test('are also forgotten when the request came while nothing ran', async () => {
    const dataDir = temporaryFolder()
    const folder = bankFolder(dataDir)
    await folder.write({ ...MODEL, camera: 'front', reservoir: insert(EMPTY_RESERVOIR, bankEntry(0)) })
    await folder.request('front')
    const { keeper, count } = start(dataDir)
    await keeper.watch(['front'])
    expect(count('front')).toBe(0)
    expect(await folder.list()).toEqual([])
  })
})
