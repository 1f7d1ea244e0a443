import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { from } from 'rxjs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventImages } from '../../src/sinks/createEventImages.ts'
import { createSnapshots, cropPath, type SnapshotOptions, snapshotPath } from '../../src/sinks/createSnapshots.ts'
import { SnapshotIndex } from '../../src/sinks/snapshotIndex.ts'
import type { EventChange } from '../../src/types.ts'
import { change } from '../support/change.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

let dir: string
beforeEach(() => {
  dir = temporaryFolder()
})

const picture = (id: string, seq = 0, camera = 'front'): EventChange => ({
  ...change('new', id, seq, { camera }),
  snapshot: new Uint8Array(1000).fill(7),
})
const files = () =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
    .sort()

async function save(changes: readonly EventChange[], limits: Partial<SnapshotOptions> = {}) {
  const telemetry = recordTelemetry()
  await createSnapshots({ dir, maxAgeMs: 1e15, maxBytes: 1e9, telemetry, ...limits })(from(changes))
  return telemetry
}

const HOUR = 3600_000
const DAY = 24 * HOUR

/** Two clocks that the test controls: `pass` lets time pass, `set` sets the wall clock. */
function createClocks(wall = Date.now()) {
  let steady = 0
  let offset = wall
  return {
    wall: () => offset + steady,
    steady: () => steady,
    pass: (ms: number) => {
      steady += ms
    },
    set: (ms: number) => {
      offset += ms
    },
  }
}

/** A sink that gets its snapshots one by one; each is saved, and the cleanup done, when `add` resolves. */
function startRun({ clocks = createClocks(), ...limits }: Partial<SnapshotOptions> & { clocks?: TestClocks }) {
  const telemetry = recordTelemetry()
  const sink = createSnapshots({ dir, maxAgeMs: 1e15, maxBytes: 1e9, telemetry, clocks, ...limits })
  return { clocks, telemetry, add: (change: EventChange) => sink(from([change])) }
}

type TestClocks = ReturnType<typeof createClocks>

describe('createSnapshots', () => {
  it('writes the snapshot of each change that has one', async () => {
    await save([picture('a'), change('update', 'a', 1), picture('b')])
    expect(files()).toEqual(['person_walking-a-0.jpg', 'person_walking-b-0.jpg'])
    expect(readFileSync(join(dir, snapshotPath(picture('a'))))).toHaveLength(1000)
  })

  it('writes the drawn snapshot and the crop beside it; both count', async () => {
    const imagesOf = async ({ after: { id } }: EventChange) => ({
      snapshot: new Uint8Array(900).fill(1),
      crop: id === 'b' ? null : new Uint8Array(300).fill(2),
    })
    await save([picture('a'), picture('b')], { imagesOf })
    const path = join(dir, snapshotPath(picture('a')))
    expect(files()).toEqual(['person_walking-a-0-crop.jpg', 'person_walking-a-0.jpg', 'person_walking-b-0.jpg'])
    expect(readFileSync(path)).toEqual(Buffer.alloc(900, 1))
    expect(readFileSync(cropPath(path))).toEqual(Buffer.alloc(300, 2))
    for (const [i, file] of [path, cropPath(path)].entries()) utimesSync(file, i + 1, i + 1)
    // 2,100 bytes are there, 1,200 come: the snapshot alone would not be enough.
    await save([picture('c')], { imagesOf, maxBytes: 2150 })
    expect(files()).toEqual(['person_walking-b-0.jpg', 'person_walking-c-0-crop.jpg', 'person_walking-c-0.jpg'])
  })

  it('waits at the end for what is being drawn, and does not blame the disk', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const telemetry = recordTelemetry()
    const imagesOf = () =>
      new Promise<EventImages>(resolve => {
        setTimeout(() => resolve({ snapshot: Uint8Array.of(1), crop: Uint8Array.of(2) }), 4000)
      })
    const done = createSnapshots({ dir, maxAgeMs: 1e15, maxBytes: 1e9, telemetry, imagesOf })(from([picture('a')]))
    await vi.advanceTimersByTimeAsync(4000)
    await done
    vi.useRealTimers()
    expect(files()).toEqual(['person_walking-a-0-crop.jpg', 'person_walking-a-0.jpg'])
    expect(telemetry.of('SinkFailed')).toEqual([])
  })

  it('removes the oldest above the total size', async () => {
    await save([picture('a'), picture('b')])
    utimesSync(join(dir, snapshotPath(picture('a'))), 1, 1)
    utimesSync(join(dir, snapshotPath(picture('b'))), 2, 2)
    await save([picture('c')], { maxBytes: 2500 })
    expect(files()).toEqual(['person_walking-b-0.jpg', 'person_walking-c-0.jpg'])
  })

  it('removes old files, incomplete files of a killed run, and empty folders', async () => {
    await save([picture('a', 0, 'yard')])
    const path = join(dir, snapshotPath(picture('a', 0, 'yard')))
    writeFileSync(`${path}.part`, 'half')
    utimesSync(path, 1, 1)
    utimesSync(`${path}.part`, 1, 1)
    const run = startRun({ maxAgeMs: DAY })
    await run.add(picture('b'))
    run.clocks.pass(6 * HOUR)
    await run.add(picture('c'))
    expect(files()).toEqual(['person_walking-b-0.jpg', 'person_walking-c-0.jpg'])
    expect(readdirSync(join(dir, 'yard'))).toEqual([])
  })

  it.each([20 * DAY, 400 * DAY, -400 * DAY])(
    'removes nothing where the clock is %i ms off from the start',
    async off => {
      await save(['a', 'b', 'c'].map(id => picture(id)))
      const run = startRun({ maxAgeMs: 14 * DAY, clocks: createClocks(Date.now() + off) })
      for (const id of ['d', 'e']) await run.add(picture(id))
      expect(files()).toHaveLength(5)
    },
  )

  it('removes nothing when the clock is set ahead, not before it has run evenly', async () => {
    const run = startRun({ maxAgeMs: 14 * DAY })
    await run.add(picture('a'))
    run.clocks.pass(7 * HOUR)
    await run.add(picture('b'))
    run.clocks.set(20 * DAY)
    await run.add(picture('c'))
    run.clocks.pass(5 * HOUR)
    await run.add(picture('d'))
    expect(files()).toHaveLength(4)
    run.clocks.set(-20 * DAY)
    run.clocks.pass(6 * HOUR)
    await run.add(picture('e'))
    run.clocks.pass(6 * HOUR)
    await run.add(picture('f'))
    expect(files()).toHaveLength(6)
  })

  it('keeps the newest above the total size, also if the clock shows that they are the oldest', async () => {
    await save([picture('a'), picture('b')])
    const run = startRun({ maxBytes: 2500, clocks: createClocks(0) })
    for (const id of ['c', 'd', 'e']) {
      await run.add(picture(id))
      utimesSync(join(dir, snapshotPath(picture(id))), 1, 1)
    }
    expect(files()).toEqual(['person_walking-d-0.jpg', 'person_walking-e-0.jpg'])
  })

  it('reads its folder once, and not again for every snapshot above the total size', async () => {
    const run = startRun({ maxBytes: 5500 })
    const read = vi.spyOn(SnapshotIndex, 'read')
    for (let i = 0; i < 30; i++) await run.add(picture(`event-${i}`))
    expect(files()).toHaveLength(5)
    expect(read).toHaveBeenCalledOnce()
    read.mockRestore()
  })

  it('reports that its folder was deleted, and creates it again', async () => {
    const run = startRun({})
    await run.add(picture('a'))
    rmSync(dir, { recursive: true })
    await run.add(picture('b'))
    await run.add(picture('c'))
    expect(files()).toEqual(['person_walking-b-0.jpg', 'person_walking-c-0.jpg'])
    expect(run.telemetry.of('SinkFailed').map(({ error }) => error)).toEqual([
      `${dir} was deleted by another program; creating it again`,
    ])
    expect(run.telemetry.of('SinkRecovered')).toHaveLength(1)
  })

  it('writes files that only their owner can read, with any umask', async () => {
    const before = process.umask(0o000)
    try {
      await save([picture('a')])
    } finally {
      process.umask(before)
    }
    const path = join(dir, snapshotPath(picture('a')))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    for (const folder of [join(path, '..'), join(path, '../..')]) expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('ends in bounded time if the disk hangs, and keeps few snapshots in memory', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let answer = () => {}
    const read = vi.spyOn(SnapshotIndex, 'read').mockImplementation(
      () =>
        new Promise((_, reject) => {
          answer = () => reject(new Error('the drive is gone'))
        }),
    )
    const telemetry = recordTelemetry()
    const sink = createSnapshots({ dir, maxAgeMs: 1e15, maxBytes: 1e9, telemetry })
    const done = sink(from(Array.from({ length: 300 }, (_, i) => picture(`event-${i}`))))
    await vi.waitFor(() => expect(read).toHaveBeenCalled())
    await vi.advanceTimersByTimeAsync(4000)
    await done
    expect(telemetry.of('SinkFailed').map(({ error }) => error)).toEqual([
      '256 snapshots wait for the disk: the oldest are dropped',
    ])
    read.mockRestore()
    answer()
    await vi.waitFor(() => expect(files()).toHaveLength(256))
    vi.useRealTimers()
  })

  it('stays inside its folder with any names', () => {
    const path = snapshotPath(change('new', '../../etc/passwd', 0, { camera: '..', event: '/etc' }))
    expect(join(dir, path).startsWith(`${dir}/`)).toBe(true)
    expect(path).not.toContain('..')
  })

  it('reports a failure once, continues, and reports the recovery', async () => {
    rmSync(dir, { recursive: true })
    writeFileSync(dir, 'a file where the folder should be')
    const telemetry = recordTelemetry()
    const sink = createSnapshots({ dir, maxAgeMs: 1e9, maxBytes: 1e9, telemetry })
    await sink(from([picture('a'), picture('b')]))
    expect(telemetry.of('SinkFailed')).toHaveLength(1)
    rmSync(dir)
    await sink(from([picture('c')]))
    expect(telemetry.of('SinkRecovered')).toEqual([{ type: 'SinkRecovered', sink: 'snapshots' }])
    expect(files()).toEqual(['person_walking-c-0.jpg'])
  })
})
