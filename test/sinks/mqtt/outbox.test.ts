import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Outbox, openOutbox } from '../../../src/sinks/mqtt/outbox.ts'
import { createRandom } from '../../../src/util/random.ts'
import { change, createEars } from '../fixtures.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'watchword-outbox-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

const WIDE = { maxMessages: 1000, maxBytes: 1e9, maxAgeMs: 1e12 }
const pathOf = (name = 'outbox.log') => join(dir, name)

function open(path = pathOf(), telemetry = createEars()) {
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
  it('has on disk what it was given, at once', async () => {
    const outbox = await open()
    await outbox.put(change('new', 'a', 0))
    // No close: what a kill -9 leaves.
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

  it('gives nothing out before the journal has it', async () => {
    let written = () => {}
    const onDisk: boolean[] = []
    const record = vi.fn(({ after }: { after: { id: string } }) => {
      onDisk.push(readFileSync(pathOf(), 'utf8').includes(`"id":"${after.id}"`))
      return new Promise<void>(resolve => {
        written = resolve
      })
    })
    const outbox = await openOutbox({ ...WIDE, path: pathOf(), telemetry: createEars(), record })
    const stored = outbox.put(change('new', 'a', 0))
    await vi.waitFor(() => expect(record).toHaveBeenCalledOnce())
    expect(onDisk, 'the disk has it before the journal').toEqual([true])
    expect(outbox.next()).toBeNull()
    written()
    await stored
    expect(outbox.next()?.change.after.id).toBe('a')
    await outbox.close()
  })

  it('tells the journal what a killed run may not have told, and nothing else', async () => {
    const told: string[] = []
    const record = async ({ type, after }: { type: string; after: { id: string } }) => {
      told.push(`${type} ${after.id}`)
    }
    const first = await openOutbox({ ...WIDE, path: pathOf(), telemetry: createEars(), record })
    await first.put(change('new', 'a', 0))
    // Killed while it was telling of b.
    const killed = await openOutbox({
      ...WIDE,
      path: pathOf('b'),
      telemetry: createEars(),
      record: () => new Promise(() => {}),
    })
    void killed.put(change('new', 'b', 0))
    await vi.waitFor(() => expect(readFileSync(pathOf('b'), 'utf8')).toContain('"id":"b"'))
    await first.close()
    told.length = 0
    const second = await openOutbox({ ...WIDE, path: pathOf(), telemetry: createEars(), record })
    expect(told).toEqual(['end a'])
    const third = await openOutbox({ ...WIDE, path: pathOf('b'), telemetry: createEars(), record })
    expect(told).toEqual(['end a', 'new b', 'end b'])
    await second.close()
    await third.close()
    told.length = 0
    const fourth = await openOutbox({ ...WIDE, path: pathOf('b'), telemetry: createEars(), record })
    expect(told).toEqual([])
    expect(fourth.size).toBe(2)
    await fourth.close()
    await killed.close()
  })

  it('keeps its file small: what has left is written out of it', async () => {
    const outbox = await open()
    for (let i = 0; i < 700; i++) {
      await outbox.put(change('new', `event-${i}`, 0))
      await outbox.put(change('end', `event-${i}`, 1))
      drain(outbox)
    }
    await outbox.close()
    expect(readFileSync(pathOf()).length).toBeLessThan(300_000)
  })

  it('says which path it cannot read', async () => {
    mkdirSync(pathOf('folder'))
    await expect(open(pathOf('folder'))).rejects.toMatchObject({
      code: 'outbox-unreadable',
      message: expect.stringContaining('folder'),
    })
  })

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full, and takes up again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const first = await open()
    await first.put(change('new', 'a', 0))
    await first.close()
    const ears = createEars()
    // What is written to /dev/full finds no room; the file that is there stays as it is.
    symlinkSync('/dev/full', pathOf('outbox.log.new'))
    const second = await open(pathOf(), ears)
    expect(ears.of('SinkFailed')[0]?.error).toContain('ENOSPC')
    await second.put(change('new', 'b', 0))
    expect(ears.of('SinkRecovered')).toHaveLength(1)
    expect(drain(second)).toEqual(['new a', 'end a restart', 'new b'])
    await second.close()
  })

  it('goes on in memory while the disk refuses, says so once, and writes all when it can', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const ears = createEars()
    // A folder where the new file should be: every write fails, as on a full disk.
    mkdirSync(pathOf('outbox.log.new'))
    const outbox = await open(pathOf(), ears)
    await outbox.put(change('new', 'a', 0))
    await outbox.put(change('new', 'b', 0))
    expect(ears.of('SinkFailed')).toEqual([{ type: 'SinkFailed', sink: 'outbox', error: expect.any(String) }])
    rmSync(pathOf('outbox.log.new'), { recursive: true })
    await vi.advanceTimersByTimeAsync(1000)
    await vi.waitFor(() => expect(ears.of('SinkRecovered')).toHaveLength(1))
    expect(readFileSync(pathOf(), 'utf8')).toMatch(/"id":"a"[\s\S]*"id":"b"/)
    expect(drain(outbox)).toEqual(['new a', 'new b'])
    await outbox.close()
  })
})

describe('a damaged outbox', () => {
  const check = async (content: Buffer, what: string) => {
    const path = pathOf(`damaged-${what}`)
    writeFileSync(path, content)
    const ears = createEars()
    const outbox = await open(path, ears)
    const seen = new Set<string>()
    const out = drain(outbox)
    for (const each of out) {
      const [type = '', id = ''] = each.split(' ')
      if (type === 'new') seen.add(id)
      expect(seen.has(id), `${what}: ${each} came with its new`).toBe(true)
    }
    await outbox.close()
    return { out, damaged: ears.of('OutboxDamaged') }
  }

  it('keeps the good part, whichever byte is flipped', async () => {
    const whole = await sample()
    const random = createRandom('flip')
    const intact = await check(whole, 'intact')
    expect(intact).toEqual({
      out: ['new a', 'end a score', 'new b', 'end b score', 'new c', 'end c score', 'new d', 'end d restart'],
      damaged: [],
    })
    for (let at = 0; at < whole.length; at += 7) {
      const broken = Buffer.from(whole)
      broken[at] = (broken[at] ?? 0) ^ (1 << random.integer(0, 7))
      const { out, damaged } = await check(broken, `flip at ${at}`)
      const missing = intact.out.filter(each => !out.includes(each))
      expect(damaged.length, `flip at ${at} was told if it cost something`).toBeGreaterThanOrEqual(
        Math.min(1, missing.length),
      )
      // One record is lost at most: an event's new is made again from its end, a lost end becomes a restart's.
      expect(missing.length, `flip at ${at} lost ${missing}`).toBeLessThanOrEqual(2)
    }
  }, 60_000)

  it('keeps what stands before the place where it was cut off', async () => {
    const whole = await sample()
    for (let length = 0; length < whole.length; length += 11) {
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

  it('sets the bad part aside as it was, and survives anything at all', async () => {
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
    expect(readdirSync(dir).some(name => name.includes('.new'))).toBe(false)
  })
})
