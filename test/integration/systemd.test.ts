/** The real `systemd-notify` and a socket where systemd's would be: what a unit with Type=notify and WatchdogSec= is told. */

import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startChild } from '../../src/util/childProcess.ts'
import { which } from '../support/mosquitto.ts'
import { dataDirectory, startProduct } from '../support/product.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const present = (which('systemd-notify') && which('/usr/bin/python3')) || process.env.CI !== undefined
if (!present) console.warn('SKIPPED: systemd-notify or python3 is not installed')

test.skipIf(!present)('ready when all stands, alive while it is, stopping in the end', async () => {
  const folder = temporaryFolder()
  const data = dataDirectory()
  const path = join(folder, 'socket')
  const socket = startChild('/usr/bin/python3', { args: ['test/support/notifySocket.py', path] })
  let told = ''
  socket.stdout.on('data', chunk => {
    told += chunk
  })
  onTestFinished(async () => {
    await socket.stop()
    data.remove()
    vi.unstubAllEnvs()
  })
  await until(() => told.includes('bound'), 'the socket is there')
  vi.stubEnv('NOTIFY_SOCKET', path)
  vi.stubEnv('WATCHDOG_USEC', '2000000')

  const house = await startProduct(data.path, { metrics: { port: 0 }, cameras: { a: { url: 'demo:street', fps: 1 } } })
  onTestFinished(() => void house.stop('SIGKILL'))
  await until(() => told.includes('READY=1'), 'it is ready', 90_000)
  expect(told).toContain(`MAINPID=${house.child.pid}`)
  expect(house.output()).toContain('watches 1 camera for')
  await until(() => (told.match(/WATCHDOG=1/g) ?? []).length > 2, 'it says that it lives')
  expect(await house.stop('SIGTERM')).toBe(0)
  await until(() => told.includes('STOPPING=1'), 'it says that it stops')
})
