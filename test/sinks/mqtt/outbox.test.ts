import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Outbox, openOutbox } from '../../../src/sinks/mqtt/outbox.ts'
import type { RecordChange } from '../../../src/sinks/mqtt/outboxJournal.ts'
import { createRandom } from '../../../src/util/random.ts'
import { change } from '../../support/change.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

let dir: string
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => {
  vi.useRealTimers()
})

const WIDE = { maxMessages: 1000, maxBytes: 1e9, maxAgeMs: 1e12 }
const pathOf = (name = 'outbox.log') => join(dir, name)

function open(path = pathOf(), telemetry = recordTelemetry()) {
  return openOutbox({ ...WIDE, path, telemetry })
}

function drain(outbox: Outbox): string[] {
  const out: string[] = []
  for (let entry = outbox.next(); entry !== null; entry = outbox.next()) {
    const { type, after } = entry.change
    out.push(`${type} ${after.id}${after.endReason === null ? '' : ` ${after.endReason}`}`)
    outbox.settle(entry, true)
  }
  return out
}

/** The file after three whole events, and one that is open. */
async function sample(): Promise<Buffer> {
  const path = pathOf('sample')
  const outbox = await open(path)
  for (const id of ['a', 'b', 'c']) {
    await outbox.put(change('new', id, 0))
    await outbox.put(change('end', id, 1))
  }
  await outbox.put(change('new', 'd', 0))
  await outbox.close()
  return readFileSync(path)
}

describe('openOutbox', () => {
  it('stores a change on disk at once', async () => {
    const outbox = await open()
    await outbox.put(change('new', 'a', 0))
    // No close, as after kill -9.
    expect(readFileSync(pathOf(), 'utf8')).toContain('"id":"a"')
    const next = await open()
    expect(next.interrupted.map(({ id }) => id)).toEqual(['a'])
    expect(drain(next)).toEqual(['new a', 'end a restart'])
    await next.close()
    const last = await open()
    expect(last.size).toBe(0)
    expect(last.interrupted).toEqual([])
    await outbox.close()
    await last.close()
  })

  it('sends no change before the journal has it', async () => {
    let written = () => {}
    const onDisk: boolean[] = []
    const record = vi.fn(({ after }: { after: { id: string } }) => {
      onDisk.push(readFileSync(pathOf(), 'utf8').includes(`"id":"${after.id}"`))
      return new Promise<boolean>(resolve => {
        written = () => resolve(true)
      })
    })
    const outbox = await openOutbox({ ...WIDE, path: pathOf(), telemetry: recordTelemetry(), record })
    const stored = outbox.put(change('new', 'a', 0))
    await vi.waitFor(() => expect(record).toHaveBeenCalledOnce())
    expect(onDisk, 'the disk has it before the journal').toEqual([true])
    expect(outbox.next()).toBeNull()
    written()
    await stored
    expect(outbox.next()?.change.after.id).toBe('a')
    await outbox.close()
  })

  it('writes to the journal what a killed run may not have written, and nothing else', async () => {
    const recorded: string[] = []
    const record = async ({ type, after }: { type: string; after: { id: string } }) => {
      recorded.push(`${type} ${after.id}`)
      return true
    }
    const first = await openOutbox({ ...WIDE, path: pathOf(), telemetry: recordTelemetry(), record })
    await first.put(change('new', 'a', 0))
    // Killed while it wrote b to the journal.
    const killed = await openOutbox({
      ...WIDE,
      path: pathOf('b'),
      telemetry: recordTelemetry(),
      record: () => new Promise(() => {}),
    })
    void killed.put(change('new', 'b', 0))
    await vi.waitFor(() => expect(readFileSync(pathOf('b'), 'utf8')).toContain('"id":"b"'))
    await first.close()
    recorded.length = 0
    const second = await openOutbox({ ...WIDE, path: pathOf(), telemetry: recordTelemetry(), record })
    expect(recorded).toEqual(['end a'])
    const third = await openOutbox({ ...WIDE, path: pathOf('b'), telemetry: recordTelemetry(), record })
    expect(recorded).toEqual(['end a', 'new b', 'end b'])
    await second.close()
    await third.close()
    recorded.length = 0
    const fourth = await openOutbox({ ...WIDE, path: pathOf('b'), telemetry: recordTelemetry(), record })
    expect(recorded).toEqual([])
    expect(fourth.size).toBe(2)
    await fourth.close()
    await killed.close()
  })

  it('keeps its file small: sent changes are removed by a compaction', async () => {
    const outbox = await open()
    for (let i = 0; i < 700; i++) {
      await outbox.put(change('new', `event-${i}`, 0))
      await outbox.put(change('end', `event-${i}`, 1))
      drain(outbox)
    }
    await outbox.close()
    expect(readFileSync(pathOf()).length).toBeLessThan(300_000)
  })

  it.each([20, 400, -400])('drops nothing because the clock is %i days off after a start', async days => {
    const outbox = await open()
    await outbox.put(change('new', 'a', 0))
    await outbox.close()
    const now = () => Date.now() + days * 86_400_000
    const next = await openOutbox({
      ...WIDE,
      maxAgeMs: 7 * 86_400_000,
      path: pathOf(),
      telemetry: recordTelemetry(),
      now,
    })
    expect(drain(next)).toEqual(['new a', 'end a restart'])
    await next.close()
  })

  it('names the path that it cannot read', async () => {
    mkdirSync(pathOf('folder'))
    await expect(open(pathOf('folder'))).rejects.toMatchObject({
      code: 'outbox-unreadable',
      message: expect.stringContaining('folder'),
    })
  })

  it.skipIf(!existsSync('/dev/full'))('reports a full disk, and recovers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const first = await open()
    await first.put(change('new', 'a', 0))
    await first.close()
    const telemetry = recordTelemetry()
    // Writes to /dev/full fail; the existing file stays unchanged.
    symlinkSync('/dev/full', pathOf('outbox.log.part'))
    const second = await open(pathOf(), telemetry)
    expect(telemetry.of('SinkFailed')[0]?.error).toBe(`Cannot write ${pathOf()}: the disk is full`)
    await second.put(change('new', 'b', 0))
    expect(telemetry.of('SinkRecovered')).toHaveLength(1)
    expect(drain(second)).toEqual(['new a', 'end a restart', 'new b'])
    await second.close()
  })

  it('continues in memory while the disk fails, reports it once, and writes all changes when it can', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const telemetry = recordTelemetry()
    // A folder where the new file should be: every write fails, as on a full disk.
    mkdirSync(pathOf('outbox.log.part'))
    const outbox = await open(pathOf(), telemetry)
    await outbox.put(change('new', 'a', 0))
    await outbox.put(change('new', 'b', 0))
    expect(telemetry.of('SinkFailed')).toEqual([{ type: 'SinkFailed', sink: 'outbox', error: expect.any(String) }])
    rmSync(pathOf('outbox.log.part'), { recursive: true })
    await vi.advanceTimersByTimeAsync(1000)
    await vi.waitFor(() => expect(telemetry.of('SinkRecovered')).toHaveLength(1))
    expect(readFileSync(pathOf(), 'utf8')).toMatch(/"id":"a"[\s\S]*"id":"b"/)
    expect(drain(outbox)).toEqual(['new a', 'new b'])
    await outbox.close()
  })
})

describe('the journal', () => {
  const openWith = (record: RecordChange, telemetry = recordTelemetry(), path = pathOf()) =>
    openOutbox({ ...WIDE, path, telemetry, record })
  const recorder = () => {
    const written: string[] = []
    const record: RecordChange = async ({ type, after }) => {
      written.push(`${type} ${after.id}`)
      return true
    }
    return { written, record }
  }
  /** What a kill -9 leaves now. */
  const killed = (name: string) => {
    copyFileSync(pathOf(), pathOf(name))
    return pathOf(name)
  }

  it.each([1, 2, 5])('gets what a killed run left, also %i runs without an event after the last one', async runs => {
    const first = await openWith(recorder().record)
    for (const id of ['a', 'b', 'c']) {
      await first.put(change('new', id, 0))
      await first.put(change('end', id, 1))
      drain(first)
    }
    await first.close()
    for (let i = 0; i < runs; i++) await (await openWith(recorder().record)).close()

    const second = await openWith(recorder().record)
    expect(second.newest, 'no number is given twice').toBe(6)
    await second.put(change('new', 'd', 0))
    await vi.waitFor(() => expect(readFileSync(pathOf(), 'utf8')).toContain('{"k":"journaled","n":7}'))
    const path = killed('killed')
    const { written, record } = recorder()
    const third = await openWith(record, recordTelemetry(), path)
    expect(written).toEqual(['end d'])
    expect(drain(third)).toEqual(['new d', 'end d restart'])
    await second.close()
    await third.close()
  })

  it('gets no change that is not on disk yet', async () => {
    const { written, record } = recorder()
    const outbox = await openWith(async (each, at) => {
      expect(readFileSync(pathOf(), 'utf8')).toContain(`"id":"${each.after.id}"`)
      return record(each, at)
    })
    await Promise.all(['a', 'b', 'c'].map(id => outbox.put(change('new', id, 0))))
    expect(written).toEqual(['new a', 'new b', 'new c'])
    await outbox.close()
  })

  it('that fails does not stop delivery, and gets the changes sent meanwhile: later, and after a kill', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { written, record } = recorder()
    let fails = true
    const outbox = await openWith(async (each, at) => !fails && record(each, at))
    await outbox.put(change('new', 'a', 0))
    await outbox.put(change('end', 'a', 1))
    await outbox.put(change('new', 'b', 0))
    expect(drain(outbox)).toEqual(['new a', 'end a score', 'new b'])
    await vi.waitFor(() => expect(readFileSync(pathOf(), 'utf8').match(/"removed"/g)).toHaveLength(3))

    const other = recorder()
    const next = await openWith(other.record, recordTelemetry(), killed('killed'))
    expect(other.written).toEqual(['new a', 'end a', 'new b', 'end b'])
    await next.close()

    fails = false
    await vi.advanceTimersByTimeAsync(1000)
    await vi.waitFor(() => expect(written).toEqual(['new a', 'end a', 'new b']))
    await outbox.close()
    const last = await openWith(other.record)
    expect(other.written.slice(4), 'no change is offered twice').toEqual(['end b'])
    await last.close()
  })

  it('gets missing changes after several runs, and after a rewrite of the outbox file', async () => {
    for (const id of ['a', 'b']) {
      const outbox = await openWith(async () => false)
      await outbox.put(change('new', id, 0))
      drain(outbox)
      await outbox.close()
    }
    const { written, record } = recorder()
    const outbox = await openWith(record)
    expect(written).toEqual(['new a', 'end a', 'new b', 'end b'])
    expect(drain(outbox)).toEqual(['end b restart'])
    await outbox.close()
  })

  it('whose disk hangs is waited for once, reported, and catches up when the disk answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const telemetry = recordTelemetry()
    const { written, record } = recorder()
    let answer = () => {}
    const disk = new Promise<void>(resolve => {
      answer = resolve
    })
    const outbox = await openWith(async (each, at) => {
      await disk
      return record(each, at)
    }, telemetry)
    const first = outbox.put(change('new', 'a', 0))
    await vi.waitFor(() => expect(readFileSync(pathOf(), 'utf8')).toContain('"id":"a"'))
    await vi.waitUntil(() => vi.getTimerCount() > 0)
    await vi.advanceTimersByTimeAsync(2000)
    await first
    await outbox.put(change('end', 'a', 1))
    await outbox.put(change('new', 'b', 0))
    expect(drain(outbox)).toEqual(['new a', 'end a score', 'new b'])
    expect(telemetry.of('SinkFailed')).toEqual([
      { type: 'SinkFailed', sink: 'journal', error: expect.stringContaining('has not answered for 2 s') },
    ])
    answer()
    await vi.waitFor(() => expect(telemetry.of('SinkRecovered')).toHaveLength(1))
    expect(written).toEqual(['new a', 'end a', 'new b'])
    await outbox.close()
  })

  it('whose disk hangs does not delay the close', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const outbox = await openWith(() => new Promise(() => {}))
    const stored = outbox.put(change('new', 'a', 0))
    const closed = outbox.close()
    await vi.waitUntil(() => vi.getTimerCount() > 0)
    await vi.advanceTimersByTimeAsync(4000)
    await Promise.all([stored, closed])
  })

  it('that lacks more changes than the bounds allow loses the oldest, and this is reported', async () => {
    const telemetry = recordTelemetry()
    const outbox = await openOutbox({
      ...WIDE,
      maxMessages: 3,
      path: pathOf(),
      telemetry,
      record: async () => false,
    })
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await outbox.put(change('new', id, 0))
      drain(outbox)
    }
    expect(telemetry.of('SinkFailed')[0]?.error).toContain('the oldest 1 are not written to it')
    await outbox.close()
    const { written, record } = recorder()
    const next = await openWith(record)
    expect(written.slice(0, 3)).toEqual(['new c', 'new d', 'new e'])
    await next.close()
  })
})

describe('a file that another program deletes', () => {
  it.each(['file', 'folder', 'file, another one in its place'])(
    '%s: all waiting changes are written again',
    async deleted => {
      const telemetry = recordTelemetry()
      const path = join(dir, 'data', 'outbox.log')
      const outbox = await open(path, telemetry)
      await outbox.put(change('new', 'a', 0))
      rmSync(deleted === 'folder' ? join(dir, 'data') : path, { recursive: true })
      if (deleted.includes('another')) writeFileSync(path, '')
      await outbox.put(change('new', 'b', 0))
      expect(readFileSync(path, 'utf8')).toMatch(/"id":"a"[\s\S]*"id":"b"/)
      expect(telemetry.of('SinkFailed')[0]?.error).toContain(`${path} was deleted or replaced by another program`)
      expect(telemetry.of('SinkRecovered')).toHaveLength(1)
      await outbox.close()
    },
  )

  it('is also noticed without a write', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const telemetry = recordTelemetry()
    const outbox = await open(pathOf(), telemetry)
    await outbox.put(change('new', 'a', 0))
    rmSync(pathOf())
    await vi.advanceTimersByTimeAsync(2000)
    await vi.waitFor(() => expect(telemetry.of('SinkRecovered')).toHaveLength(1))
    expect(readFileSync(pathOf(), 'utf8')).toContain('"id":"a"')
    await outbox.close()
  })
})

it('is readable only by its owner, with any umask', async () => {
  const before = process.umask(0o000)
  try {
    const path = join(dir, 'made', 'outbox.log')
    writeFileSync(pathOf('damaged'), '00000000 \n')
    for (const each of [path, pathOf('damaged')]) await (await open(each)).close()
    expect(statSync(join(dir, 'made')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(dir).filter(each => each.startsWith('damaged')))
      expect(statSync(pathOf(name)).mode & 0o777, name).toBe(0o600)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  } finally {
    process.umask(before)
  }
})

describe('a damaged outbox', () => {
  const check = async (content: Buffer, name: string) => {
    const path = pathOf(`damaged-${name}`)
    writeFileSync(path, content)
    const telemetry = recordTelemetry()
    const outbox = await open(path, telemetry)
    const seen = new Set<string>()
    const out = drain(outbox)
    for (const each of out) {
      const [type = '', id = ''] = each.split(' ')
      if (type === 'new') seen.add(id)
      expect(seen.has(id), `${name}: ${each} came with its new`).toBe(true)
    }
    await outbox.close()
    return { out, damaged: telemetry.of('OutboxDamaged') }
  }

  it('keeps the intact part when any byte is flipped', async () => {
    const whole = await sample()
    const random = createRandom('flip')
    const intact = await check(whole, 'intact')
    expect(intact).toEqual({
      out: ['new a', 'end a score', 'new b', 'end b score', 'new c', 'end c score', 'new d', 'end d restart'],
      damaged: [],
    })
    for (let at = 0; at < whole.length; at += 13) {
      const broken = Buffer.from(whole)
      broken[at] = (broken[at] ?? 0) ^ (1 << random.integer(0, 7))
      const { out, damaged } = await check(broken, `flip at ${at}`)
      const missing = intact.out.filter(each => !out.includes(each))
      expect(damaged.length, `flip at ${at} is reported if it lost a record`).toBeGreaterThanOrEqual(
        Math.min(1, missing.length),
      )
      // One record is lost at most: a lost `new` is reconstructed, a lost `end` becomes one with the reason `restart`.
      expect(missing.length, `flip at ${at} lost ${missing}`).toBeLessThanOrEqual(2)
    }
  }, 60_000)

  it('keeps the part before the place where it was cut off', async () => {
    const whole = await sample()
    for (let length = 0; length < whole.length; length += 19) {
      const { out, damaged } = await check(whole.subarray(0, length), `cut at ${length}`)
      const complete =
        whole
          .subarray(0, length)
          .toString()
          .match(/"k":"put".*\n/g)?.length ?? 0
      const tail = whole.subarray(0, length).at(-1) !== 0x0a && length > 0 && whole[length] !== 0x0a
      expect(damaged.length, `cut at ${length}`).toBe(tail ? 1 : 0)
      expect(out.length).toBeGreaterThanOrEqual(complete)
    }
  }, 60_000)

  it('sets the damaged part aside unchanged, and survives any bytes', async () => {
    const whole = await sample()
    const garbage = Buffer.from([0, 255, 10, 200, 13, 10, 123])
    const { damaged } = await check(Buffer.concat([whole, garbage]), 'garbage')
    expect(damaged[0]?.kept).toBe(whole.toString().trimEnd().split('\n').length)
    const setAside = readFileSync(damaged[0]?.setAside ?? '')
    expect(setAside.includes(200)).toBe(true)
    const random = createRandom('anything')
    for (let i = 0; i < 50; i++) {
      const bytes = Buffer.from(Array.from({ length: random.integer(0, 400) }, () => random.integer(0, 255)))
      await check(bytes, `random ${i}`)
    }
    expect(readdirSync(dir).some(name => name.includes('.part'))).toBe(false)
  })

  it.each([
    '',
    '0',
    'null',
    '{"k":"put","n":1}',
    '{"k":"removed","n":[null]}',
    '{"k":"known","change":{}}',
    '{"k":"x"}',
  ])('treats an unknown record with a correct checksum as damage: %j', async json => {
    const line = `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`
    const { out, damaged } = await check(Buffer.concat([await sample(), Buffer.from(line)]), 'foreign')
    expect(out).toHaveLength(8)
    expect(damaged).toHaveLength(1)
  })

  it('bounds the memory for a line without an end', async () => {
    const whole = await sample()
    const long = Buffer.alloc(20 * 1024 * 1024, 'x')
    const { out, damaged } = await check(Buffer.concat([whole, long, Buffer.from('\n'), whole]), 'long')
    expect(out).toHaveLength(8)
    expect(statSync(damaged[0]?.setAside ?? '').size).toBeGreaterThanOrEqual(long.length)
  })
})
