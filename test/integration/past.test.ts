/** The stored past of the whole product: searched and tried while it runs and afterwards, with the bundled model. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { dataDirectory, type Product, runCommand, startProduct } from '../support/product.ts'
import { until } from '../support/until.ts'

let product: Product | null = null
const data = dataDirectory()
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(product?.output())
  await product?.stop('SIGKILL')
  product = null
  data.remove()
})

interface Stored {
  readonly type: string
  readonly after: {
    readonly event: string
    readonly start_time: number
    readonly end_time: number
    readonly top_score: number
  }
}

test('what is tried on the past is what happened live; what is searched is found', async () => {
  const dir = data.path
  product = await startProduct(dir, {
    cameras: { street: { url: 'demo:street?seed=past', fps: 4 } },
    metrics: { port: 0 },
  })
  const config = ['--config', join(dir, 'watchword.yaml')]
  const walked = () =>
    readFileSync(join(dir, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Stored)
      .filter(({ type, after }) => type === 'end' && after.event === 'person_walking')
      .map(({ after }) => after)
  await product.says(/person_walking +ended/, 180_000)

  // While it runs.
  const outputDir = join(dir, 'found')
  const searched = async () => {
    const { stdout } = await runCommand(
      ['search', 'a person walking', '--json', '--output-dir', outputDir, ...config],
      dir,
    )
    return stdout === '' ? [] : (JSON.parse(stdout).moments as { camera: string; score: number; time: number }[])
  }
  await until(async () => (await searched()).length > 0, 'history on disk', 60_000)
  const [best] = await searched()
  expect(best).toMatchObject({ camera: 'street' })
  expect(best?.score).toBeGreaterThan(0.9)
  expect(readdirSync(outputDir)).toEqual(expect.arrayContaining(['contact-sheet.png', 'search.json']))
  expect(readdirSync(outputDir).some(name => /^01-street-\d{8}T\d{6}\.jpg$/.test(name))).toBe(true)

  // Afterwards: the same events, at the same times.
  expect(await product.stop()).toBe(0)
  const { stdout, code } = await runCommand(['try', 'person_walking', '--json', '--top', '1000', ...config], dir)
  expect(code).toBe(0)
  const tried = JSON.parse(stdout)
  const times = (events: readonly { start_time: number; end_time: number }[]) =>
    events.map(({ start_time, end_time }) => [start_time, end_time]).sort(([a = 0], [b = 0]) => a - b)
  const live = walked()
  expect(live.length).toBeGreaterThan(0)
  expect(times(tried.strongest)).toEqual(times(live))
  expect(tried.watched_seconds).toBeGreaterThan(10)

  // Nothing of the past is lost by looking at it, and mistakes are one line.
  const other = await runCommand(['try', 'x', '--camera', 'gate', ...config], dir)
  expect([other.code, other.output]).toEqual([
    2,
    'watchword: There is no history of a camera `gate`; known cameras: street\n',
  ])
  const none = await runCommand(['search', 'a van', '--data-dir', join(dir, 'none'), ...config], dir)
  expect(none.code).toBe(1)
  expect(none.output).toMatch(/^watchword: No history yet in .*none: `watchword run` stores it while it watches\n/)
}, 300_000)
