/** The real `systemd-notify` and a socket where systemd's would be: what a unit with Type=notify and WatchdogSec= receives. */

import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startChild } from '../../src/util/childProcess.ts'
import { which } from '../support/mosquitto.ts'
import { dataDirectory, startProduct } from '../support/product.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const present = (which('systemd-notify') && which('/usr/bin/python3')) || process.env.CI !== undefined
if (!present) console.warn('SKIPPED: systemd-notify or python3 is not installed')

test.skipIf(!present)('sends READY, WATCHDOG while it is alive, and STOPPING', async () => {
  const folder = temporaryFolder()
  const data = dataDirectory()
  const path = join(folder, 'socket')
  const socket = startChild('/usr/bin/python3', { args: ['test/support/notifySocket.py', path] })
  let notified = ''
  socket.stdout.on('data', chunk => {
    notified += chunk
  })
  onTestFinished(async () => {
    await socket.stop()
    data.remove()
    vi.unstubAllEnvs()
  })
  await until(() => notified.includes('bound'), 'the socket is there')
  vi.stubEnv('NOTIFY_SOCKET', path)
  vi.stubEnv('WATCHDOG_USEC', '2000000')

  const product = await startProduct(data.path, {
    metrics: { port: 0 },
    cameras: { a: { url: 'demo:street', fps: 1 } },
  })
  onTestFinished(() => void product.stop('SIGKILL'))
  await until(() => notified.includes('READY=1'), 'it is ready', 90_000)
  expect(notified).toContain(`MAINPID=${product.child.pid}`)
  expect(product.output()).toContain('watches 1 camera for')
  await until(() => (notified.match(/WATCHDOG=1/g) ?? []).length > 2, 'it says that it lives')
  expect(await product.stop('SIGTERM')).toBe(0)
  await until(() => notified.includes('STOPPING=1'), 'it says that it stops')
})
