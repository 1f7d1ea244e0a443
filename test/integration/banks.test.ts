/** The whole product with an uncalibrated model: it learns what its camera usually shows, and keeps that. */

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { type Product, runCommand, startProduct } from '../support/product.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const BUNDLED = fileURLToPath(new URL('../../models/demo', import.meta.url))
/** States of watchword_event_calibration. */
const [LEARNING, COMMON] = [1, 3]

let product: Product | null = null
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(product?.output())
  await product?.stop('SIGKILL')
  product = null
})

/** The bundled model without its calibration, so that the camera's own images decide. */
function uncalibrated(): string {
  const folder = join(temporaryFolder(), 'uncalibrated')
  cpSync(BUNDLED, folder, { recursive: true, filter: path => !path.endsWith('calibration.json') })
  return folder
}

test('a bank is learned, survives kill -9, and is forgotten on request while the product runs', async () => {
  const dir = temporaryFolder()
  const config = {
    model: { name: uncalibrated(), variant: 'fp32' },
    cameras: { street: { url: 'demo:street?seed=bank', fps: 4 } },
    events: { person: { prompts: ['a person walking on the pavement'], negative_prompts: ['an empty pavement'] } },
    metrics: { port: 0 },
  }
  product = await startProduct(dir, config)
  const images = () => (product as Product).metric('watchword_bank_images', /camera="street"/)
  const state = () => (product as Product).metric('watchword_event_calibration', /event="person"/)
  await until(async () => (await images()) >= 10, 'ten images in the bank', 120_000)
  await until(async () => (await state()) >= LEARNING, 'the camera’s images to count', 60_000)
  expect(await state()).toBeLessThanOrEqual(COMMON)

  const listed = async () => JSON.parse((await runCommand(['bank', 'list', '--json'], dir)).stdout) as unknown[]
  await until(async () => (await listed()).length === 1, 'the bank on disk', 60_000)
  await product.stop('SIGKILL')

  product = await startProduct(dir, config)
  // At once, not learned again: what was on disk.
  await until(async () => (await images()) >= 8, 'the images of before', 60_000)
  expect(product.output()).not.toMatch(/set aside/)

  const cleared = await runCommand(['bank', 'clear', 'street'], dir)
  expect(cleared.stdout).toMatch(/The running Watchword cleared the bank of street/)
  expect(await images()).toBeLessThan(8)
  expect(await product.stop()).toBe(0)
}, 300_000)
