import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { register } from '../../../src/commands/calibrate.ts'
import { loadConfig } from '../../../src/config/loadConfig.ts'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import type { EncodedFrame } from '../../../src/types.ts'
import { fakePast, looking } from '../../support/fakePast.ts'
import { moment } from '../../support/memoryHistory.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 10, 23)
const END = START + 48 * HOUR

const CONFIG = `# my house
cameras:
  gate: { url: "demo:street", events: [often] }   # in front
  yard: { url: "demo:plaza", events: [rare] }
events:
  often: { prompts: [often] }   # rings all day
  rare: { prompts: [rare], threshold: 0.6 }
  never: { prompts: [never] }
`

/** Ten seconds of a score at the begin of every hour. */
function hours(camera: string, scores: readonly number[]): EncodedFrame[] {
  return Array.from({ length: 48 }, (_, hour) => {
    const score = scores[hour % scores.length] as number
    const visit = Array.from({ length: 10 }, (_, s) => moment(camera, START + hour * HOUR + s * 1000, looking(score)))
    const rest = Array.from({ length: 120 }, (_, i) =>
      moment(camera, START + hour * HOUR + 10_000 + i * 29_900, looking(0.05)),
    )
    return [...visit, ...rest]
  }).flat()
}

async function calibrate(...args: string[]) {
  const folder = temporaryFolder()
  const path = join(folder, 'home.yaml')
  writeFileSync(path, CONFIG)
  const signals = [...hours('gate', [0.95, 0.7, 0.7, 0.7, 0.7, 0.7]), ...hours('yard', [0.05])]
  const fake = await fakePast(signals, { cameras: { gate: {}, yard: {} } })
  const { config } = loadConfig(path, { library: readLibrary(), env: {} })
  let out = ''
  const program = new Command('watchword').exitOverride()
  register(program, {
    stdout: { write: text => (out += text) },
    openPast: async () => ({ ...fake, config, path, dataDir: join(folder, 'data') }),
    now: () => END,
    env: {},
  })
  await program.parseAsync(['calibrate', '--config', path, ...args], { from: 'user' })
  return {
    out,
    text: readFileSync(path, 'utf8'),
    config: () => loadConfig(path, { library: readLibrary(), env: {} }).config,
  }
}

test('shows what it would change and why, and changes nothing', async () => {
  const { out, text } = await calibrate('--budget', '5/day')
  expect(out).toMatch(/often +0\.5 → 0\.[789]\d* +2\d → 4.* rang too often/)
  expect(out).toMatch(/rare +0\.6 +0 .*nothing came near it/)
  expect(out).toContain('No camera with history watches never')
  expect(out).toContain('1 threshold would change; --write changes them')
  expect(text).toBe(CONFIG)
})

test('--write changes the threshold alone', async () => {
  const { out, text, config } = await calibrate('--budget', '5/day', '--write', '--json')
  const { events, written } = JSON.parse(out)
  expect(written).toMatch(/home\.yaml$/)
  const often = events.find(({ event }: { event: string }) => event === 'often')
  expect(often).toMatchObject({ present_threshold: 0.5, changed: true, at_threshold: { alarms: 8 } })
  expect(config().events.often?.threshold).toBe(often.threshold)
  expect(text).toBe(CONFIG.replace('{ prompts: [often] }', `{ prompts: [often], threshold: ${often.threshold} }`))
})

test('a budget that is kept changes nothing', async () => {
  const { out, text } = await calibrate('--budget', '50/day', '--write')
  expect(out).toContain('Nothing to change.')
  expect(text).toBe(CONFIG)
})
