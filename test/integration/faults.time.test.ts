/** Faults that take hours, on virtual time: the real supervisor and flow, an encoder made by hand. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { asyncScheduler, concat, map, NEVER, take, throwError } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { SourceError } from '../../src/sources/sourceErrors.ts'
import type { EventChange } from '../../src/types.ts'
import { createRandom } from '../../src/util/random.ts'
import { playCameras, shots, type Totals } from '../support/dayOfCameras.ts'
import { fakeEncoder } from '../support/fakeEncoder.ts'
import { soak } from '../support/soak.ts'
import { see } from '../support/watchForLight.ts'

const HOUR_MS = 3_600_000
const [DARK, GREY, BRIGHT] = [2, 90, 220]

/** Every event begins once, ends once, and ends after it began. */
function checkLives(changes: readonly EventChange[]): void {
  const open = new Map<string, number>()
  for (const { type, after } of changes) {
    if (type === 'new') {
      expect(open.has(after.id), `${after.id} begins once`).toBe(false)
      open.set(after.id, after.startTime)
    }
    if (type === 'end') {
      expect(after.endTime).toBeGreaterThanOrEqual(open.get(after.id) ?? Number.POSITIVE_INFINITY)
      open.set(after.id, Number.POSITIVE_INFINITY)
    }
  }
  expect([...open.values()].filter(Number.isFinite), 'all have ended').toEqual([])
}

const accounted = ({ encoded, skipped, dropped }: Totals) => encoded + skipped + dropped

function collectedHeap(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

test('24 hours of cameras that get lost and an encoder that fails and is too slow', { timeout: 600_000 }, () => {
  const random = createRandom('a day')
  const cameras = Array.from({ length: soak({ fast: 2, long: 8 }) }, (_, i) => `camera${i}`)
  const heaps: number[] = []
  let mostInFlight = 0
  const { counts, changes } = playCameras({
    cameras,
    forMs: 24 * HOUR_MS,
    // Lit for a minute of every ten; each connection ends by itself or falls silent.
    attempt: (_, number) =>
      concat(
        shots(1000, at => (at % 600_000 < 60_000 ? BRIGHT : GREY)).pipe(take(random.integer(1, 7200))),
        number % 2 === 0 ? NEVER : throwError(() => new SourceError('gone', { reason: 'eof' })),
      ),
    // Every fifth hour ten times slower than the cameras; every hundredth batch is lost with its worker.
    encoder: fakeEncoder({
      embed: see,
      takesMs: () => (Math.floor(asyncScheduler.now() / HOUR_MS) % 5 === 4 ? 10_000 : 40),
      fails: batch => batch % 100 === 99,
    }),
    onHour: now => {
      mostInFlight = Math.max(mostInFlight, now.received - accounted(now))
      heaps.push(collectedHeap())
    },
  })
  expect(accounted(counts)).toBe(counts.received)
  for (const each of [counts.encoded, counts.skipped, counts.dropped, counts.lost]) expect(each).toBeGreaterThan(20)
  expect(mostInFlight).toBeLessThanOrEqual(2 * cameras.length)
  checkLives(changes)
  // What the test itself keeps are the changes; the flow keeps nothing that grows with time.
  const [early = 0, late = 0] = [heaps[2], heaps.at(-1)]
  expect(late - early).toBeLessThan(2e6 + changes.length * 2000)
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1)
  console.log(
    `24 h, ${cameras.length} cameras: ${counts.received} received = ${counts.encoded} encoded + ${counts.skipped} skipped + ` +
      `${counts.dropped} dropped; ${counts.lost} losses; ${changes.length} changes; ` +
      `at most ${mostInFlight} in flight; heap ${mb(early)} MB after 3 h, ${mb(late)} MB after 23 h`,
  )
})

describe('the clock of the frames jumps', () => {
  test.each([
    ['an hour ahead', HOUR_MS],
    ['an hour back', -HOUR_MS],
  ])('%s: events end and begin again, nothing is lost, nothing stays open', (_, jumpMs) => {
    const start = 10 * HOUR_MS
    const { counts, changes, statuses } = playCameras({
      cameras: ['a'],
      forMs: 180_000,
      encoder: fakeEncoder({ embed: see }),
      attempt: () =>
        shots(1000, at => (at % 60_000 < 40_000 ? BRIGHT : GREY)).pipe(
          map(shot => ({ ...shot, capturedAt: start + shot.capturedAt + (shot.capturedAt > 90_000 ? jumpMs : 0) })),
        ),
    })
    expect(accounted(counts)).toBe(counts.received)
    expect(counts.received).toBe(180)
    expect(statuses.map(({ state }) => state)).toEqual(['connecting', 'online'])
    checkLives(changes)
    const begun = changes.filter(({ type }) => type === 'new')
    // Lit at 0, 60 and 120 s; the jump at 90 s cuts the second in two.
    expect(begun).toHaveLength(4)
    expect(Math.sign((begun[2]?.after.startTime ?? 0) - (begun[1]?.after.startTime ?? 0))).toBe(Math.sign(jumpMs))
  })

  test('to and fro once a minute for a day', () => {
    const { counts, changes } = playCameras({
      cameras: ['a'],
      forMs: soak({ fast: 4, long: 24 }) * HOUR_MS,
      encoder: fakeEncoder({ embed: see }),
      attempt: () =>
        shots(2000, at => (at % 100_000 < 40_000 ? BRIGHT : GREY)).pipe(
          map(shot => ({
            ...shot,
            capturedAt: shot.capturedAt + (Math.floor(shot.capturedAt / 60_000) % 3) * HOUR_MS,
          })),
        ),
    })
    expect(accounted(counts)).toBe(counts.received)
    checkLives(changes)
    expect(changes.filter(({ type }) => type === 'new').length).toBeGreaterThan(100)
  })
})

describe('a frozen or dark image begins no event, whatever the model makes of it', () => {
  const CALM_MS = 100_000
  const RECOVERS_MS = 280_000
  /** Fooled: it sees light in everything from CALM_MS on. */
  const fooled = () => fakeEncoder({ embed: () => (asyncScheduler.now() > CALM_MS ? [1, 0] : [0, 1]) })
  const beginnings = (changes: readonly EventChange[]) =>
    changes.filter(({ type }) => type === 'new').map(({ after }) => after.startTime)

  test('frozen: reported after a minute, silent until the picture moves', () => {
    const { changes, statuses } = playCameras({
      cameras: ['a'],
      forMs: 300_000,
      encoder: fooled(),
      attempt: () =>
        shots(1000, () => GREY).pipe(
          map(shot => {
            if (shot.capturedAt < RECOVERS_MS) shot.pixels.fill(GREY)
            return shot
          }),
        ),
    })
    expect(statuses.map(({ state, problem }) => `${state} ${problem}`)).toEqual([
      'connecting null',
      'online null',
      'online frozen',
      'online null',
    ])
    expect(beginnings(changes)).toEqual([RECOVERS_MS])
  })

  test('dark: reported at once, silent until there is light', () => {
    const { changes, statuses } = playCameras({
      cameras: ['a'],
      forMs: 300_000,
      encoder: fooled(),
      attempt: () => shots(1000, at => (at < RECOVERS_MS ? DARK : GREY)),
    })
    expect(statuses.map(({ state, problem }) => `${state} ${problem}`)).toEqual([
      'connecting null',
      'online dark',
      'online null',
    ])
    expect(beginnings(changes)).toEqual([RECOVERS_MS])
  })
})
