import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRandom } from '../../../src/util/random.ts'
import { change } from '../../support/change.ts'
import { drainOutbox, useOutboxFile } from '../../support/outboxFile.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'

const { folder, open, pathOf } = useOutboxFile()

afterEach(() => void vi.useRealTimers())

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

describe('a file that another program deletes', () => {
  it.each(['file', 'folder', 'file, another one in its place'])(
    '%s: all waiting changes are written again',
    async deleted => {
      const telemetry = recordTelemetry()
      const path = join(folder(), 'data', 'outbox.log')
      const outbox = await open(path, telemetry)
      await outbox.put(change('new', 'a', 0))
      rmSync(deleted === 'folder' ? join(folder(), 'data') : path, { recursive: true })
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

describe('a damaged outbox', () => {
  const check = async (content: Buffer, name: string) => {
    const path = pathOf(`damaged-${name}`)
    writeFileSync(path, content)
    const telemetry = recordTelemetry()
    const outbox = await open(path, telemetry)
    const seen = new Set<string>()
    const out = drainOutbox(outbox)
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
    expect(readdirSync(folder()).some(name => name.includes('.part'))).toBe(false)
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
