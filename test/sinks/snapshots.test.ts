import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { from } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSnapshots, snapshotPath } from '../../src/sinks/snapshots.ts'
import type { EventChange } from '../../src/types.ts'
import { change, createEars } from './fixtures.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'watchword-snapshots-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
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

async function save(
  changes: readonly EventChange[],
  limits: { maxAgeMs?: number; maxBytes?: number } = {},
  now = Date.now,
) {
  const telemetry = createEars()
  await createSnapshots({ dir, maxAgeMs: 1e15, maxBytes: 1e9, now, telemetry, ...limits })(from(changes))
  return telemetry
}

describe('createSnapshots', () => {
  it('writes the picture of each change that has one', async () => {
    await save([picture('a'), change('update', 'a', 1), picture('b')])
    expect(files()).toEqual(['person_walking-a-0.jpg', 'person_walking-b-0.jpg'])
    expect(readFileSync(join(dir, snapshotPath(picture('a'))))).toHaveLength(1000)
  })

  it('removes the oldest beyond the bytes', async () => {
    await save([picture('a'), picture('b')])
    utimesSync(join(dir, snapshotPath(picture('a'))), 1, 1)
    utimesSync(join(dir, snapshotPath(picture('b'))), 2, 2)
    await save([picture('c')], { maxBytes: 2500 })
    expect(files()).toEqual(['person_walking-b-0.jpg', 'person_walking-c-0.jpg'])
  })

  it('removes what is too old, what a killed run left half written, and empty folders', async () => {
    await save([picture('a', 0, 'yard')])
    const path = join(dir, snapshotPath(picture('a', 0, 'yard')))
    writeFileSync(`${path}.part`, 'half')
    utimesSync(path, 1, 1)
    utimesSync(`${path}.part`, 1, 1)
    await save([picture('b')], { maxAgeMs: 60_000 })
    expect(files()).toEqual(['person_walking-b-0.jpg'])
    expect(readdirSync(join(dir, 'yard'))).toEqual([])
  })

  it('stays inside its folder whatever the names are', () => {
    const path = snapshotPath(change('new', '../../etc/passwd', 0, { camera: '..', event: '/etc' }))
    expect(join(dir, path).startsWith(`${dir}/`)).toBe(true)
    expect(path).not.toContain('..')
  })

  it('says once that it fails, goes on, and says that it works again', async () => {
    rmSync(dir, { recursive: true })
    writeFileSync(dir, 'a file where the folder should be')
    const telemetry = createEars()
    const sink = createSnapshots({ dir, maxAgeMs: 1e9, maxBytes: 1e9, telemetry })
    await sink(from([picture('a'), picture('b')]))
    expect(telemetry.of('SinkFailed')).toHaveLength(1)
    rmSync(dir)
    await sink(from([picture('c')]))
    expect(telemetry.of('SinkRecovered')).toEqual([{ type: 'SinkRecovered', sink: 'snapshots' }])
    expect(files()).toEqual(['person_walking-c-0.jpg'])
  })
})
