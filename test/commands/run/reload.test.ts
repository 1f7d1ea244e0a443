import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createReload } from '../../../src/commands/run/reload.ts'
import { parseConfig } from '../../../src/config/loadConfig.ts'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import type { ScoringTexts } from '../../../src/scoringTypes.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const TEXTS: ScoringTexts = { variant: 'int8', logitScale: 100, calibration: { centre: 5, width: 1 }, events: [] }

function configOf(cameras: readonly string[]) {
  const config = { cameras: Object.fromEntries(cameras.map(name => [name, { url: `rtsp://${name}/live` }])) }
  return parseConfig(JSON.stringify(config), 'x.yaml', { library: readLibrary(), env: {} })
}

/** A reload whose phrases are encoded when the test says so. */
function setUp() {
  let wanted = configOf(['yard'])
  const encodings: PromiseWithResolversOf<ScoringTexts>[] = []
  const applied: string[][] = []
  const telemetry = recordTelemetry()
  const reload = createReload(wanted, {
    load: () => wanted,
    texts: () => {
      const encoding = withResolvers<ScoringTexts>()
      encodings.push(encoding)
      return encoding.promise
    },
    apply: ({ config }) => applied.push(Object.keys(config.cameras)),
    telemetry,
  })
  const write = (...cameras: string[]) => {
    wanted = configOf(cameras)
  }
  return { reload, write, encodings, applied, telemetry }
}

test('phrases that are encoded in time: the new config is applied', async () => {
  const { reload, write, encodings, applied, telemetry } = setUp()
  write('yard', 'gate')
  const changed = reload.now()
  await vi.waitFor(() => expect(encodings).toHaveLength(1))
  encodings[0]?.resolve(TEXTS)
  expect(await changed).toEqual(['cameras.gate'])
  expect(applied).toEqual([['yard', 'gate']])
  expect(telemetry.of('ConfigRejected')).toEqual([])
})

test('phrases that do not come: the reload is refused after 30 s, the next one does not wait for them, and all is applied once they come', async () => {
  const { reload, write, encodings, applied, telemetry } = setUp()
  write('yard', 'gate')
  const refused = expect(reload.now()).rejects.toMatchObject({ code: 'phrases-late' })
  await vi.advanceTimersByTimeAsync(30_000)
  await refused
  expect(telemetry.of('ConfigRejected')).toHaveLength(1)
  expect(applied).toEqual([])

  write('yard', 'gate', 'door')
  const second = expect(reload.now()).rejects.toMatchObject({ code: 'phrases-late' })
  await vi.advanceTimersByTimeAsync(30_000)
  await second

  for (const { resolve } of encodings.splice(0)) resolve(TEXTS)
  await vi.waitFor(() => expect(encodings.length).toBeGreaterThan(0))
  encodings[0]?.resolve(TEXTS)
  await vi.waitFor(() => expect(applied).toEqual([['yard', 'gate', 'door']]))
  expect(telemetry.of('ConfigReloaded')[0]?.changed).toEqual(['cameras.gate', 'cameras.door'])
})

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}
