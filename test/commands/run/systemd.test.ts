import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { connectSystemd } from '../../../src/commands/run/systemd.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const fixtures = fileURLToPath(new URL('../../fixtures/systemd', import.meta.url))

function environment(extra: Record<string, string>) {
  const log = join(temporaryFolder(), 'log')
  const env = { PATH: `${fixtures}:/usr/bin:/bin`, NOTIFY_LOG: log, ...extra }
  const sent = () => {
    try {
      return readFileSync(log, 'utf8').trim().split('\n')
    } catch {
      return []
    }
  }
  return { env, sent }
}

test('notifies systemd when it is ready, and while the encoder is alive', async () => {
  const { env, sent } = environment({ NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '40000' })
  let alive = true
  const systemd = connectSystemd(env, () => alive)
  systemd.ready()
  await vi.waitFor(() =>
    expect(sent()).toEqual(expect.arrayContaining([`--pid=${process.pid} READY=1`, `--pid=${process.pid} WATCHDOG=1`])),
  )
  alive = false
  systemd.stopping()
  await vi.waitFor(() => expect(sent()).toContain(`--pid=${process.pid} STOPPING=1`))
  systemd.close()
})

test('is silent outside systemd', () => {
  const { env, sent } = environment({ WATCHDOG_USEC: '1000' })
  const systemd = connectSystemd(env, () => true)
  systemd.ready()
  systemd.close()
  expect(sent()).toEqual([])
})
