import { map, NEVER, Observable, of, throwError } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { expect, test } from 'vitest'
import type { DecodedImage } from '../../src/sources/decodedImage.ts'
import { SourceError } from '../../src/sources/sourceErrors.ts'
import { type SuperviseOptions, supervise } from '../../src/sources/supervise.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { LossReason } from '../../src/types.ts'

const lost = (reason: LossReason) => new SourceError(`it was ${reason}`, { reason })
const SIZE = 8

type OpenAttempt = (stillWaiting: () => void, scheduler: TestScheduler) => Observable<DecodedImage>

interface Setup {
  /** A marble diagram for each attempt, the last one repeated: letters are images, `=` is black, # the loss. */
  readonly attempts: readonly (string | Observable<DecodedImage> | OpenAttempt)[]
  readonly loss?: LossReason
  readonly options?: Partial<SuperviseOptions>
  /** When it is unsubscribed, ms. Default 900. */
  readonly until?: number
  /** What the wall clock is ahead of the scheduler's, ms. Default 0. */
  readonly clockErrorMs?: () => number
}

/** Runs in virtual time, the jitter always at half, and gives a line `time what` for each signal. */
function watch({ attempts, loss = 'eof', options = {}, until = 900, clockErrorMs = () => 0 }: Setup) {
  const scheduler = new TestScheduler(() => {})
  const lines: string[] = []
  const internalEvents: InternalEvent[] = []
  let opened = 0
  scheduler.run(({ cold }) => {
    const attempt = (stillWaiting: () => void): Observable<DecodedImage> => {
      const source = attempts[Math.min(opened++, attempts.length - 1)]
      if (typeof source === 'function') return source(stillWaiting, scheduler)
      if (typeof source !== 'string') return source ?? NEVER
      const letters = cold(source, undefined, lost(loss))
      return letters.pipe(
        map(letter => ({
          capturedAt: scheduler.now() + clockErrorMs(),
          pixels: new Uint8Array(SIZE * SIZE * 3).fill(letter === '=' ? 0 : (letter.codePointAt(0) ?? 0)),
          size: SIZE,
          jpeg: null,
          detail: null,
          zoneImages: new Map(),
        })),
      )
    }
    const note = (...parts: unknown[]) =>
      lines.push([scheduler.now(), ...parts.filter(part => part !== null)].join(' '))
    const supervised = supervise(
      attempt,
      { camera: 'yard', ...options },
      {
        telemetry: { emit: internalEvent => internalEvents.push(internalEvent) },
        random: () => 0.5,
        scheduler,
        now: () => scheduler.now(),
      },
    ).subscribe({
      next: signal =>
        signal.kind === 'frame'
          ? note('frame', signal.seq, signal.problem)
          : note(signal.state, signal.reason, signal.problem, signal.retryInMs),
      complete: () => note('complete'),
    })
    scheduler.schedule(() => supervised.unsubscribe(), until)
  })
  return { lines, internalEvents, opened }
}

test('a camera that is lost is opened again, and its frames count on', () => {
  const { lines } = watch({ attempts: ['--a-b#', '--c'] })
  expect(lines).toEqual([
    '0 connecting',
    '2 online',
    '2 frame 0',
    '4 frame 1',
    '5 offline eof 500',
    '505 connecting',
    '507 online',
    '507 frame 2',
  ])
})

test('an absent camera is tried again within 2 s for a while, then ever less often, up to a minute', () => {
  const { lines } = watch({ attempts: ['#'], loss: 'refused', until: 300_000 })
  const waits = lines.filter(line => line.includes('offline')).map(line => Number(line.split(' ').at(-1)))
  expect(waits).toEqual([
    ...[500, 1500, 1500, 1500, 1500, 1500, 1500],
    ...[2250, 3375, 5063, 7594, 11_391, 17_086, 25_629, 38_443, 45_000, 45_000, 45_000, 45_000],
  ])
})

test('a refused password waits minutes', () => {
  expect(watch({ attempts: ['5ms #'], loss: 'auth' }).lines).toEqual(['0 connecting', '5 offline auth 90000'])
})

test('frames for ten seconds make earlier failures forgotten, one frame does not', () => {
  const waitsOf = (second: string) =>
    watch({ attempts: ['#', second, '#'], until: 30_000 })
      .lines.filter(line => line.includes('offline'))
      .map(line => Number(line.split(' ').at(-1)))
      .slice(0, 2)
  expect(waitsOf('a 5s #')).toEqual([500, 1500])
  expect(waitsOf('a 5s b 5s #')).toEqual([500, 500])
})

test('no frame for the stall timeout is a loss, from the start and after frames', () => {
  const { lines } = watch({ attempts: ['a 9s b', '-'], until: 31_000 })
  expect(lines).toEqual([
    '0 connecting',
    '0 online',
    '0 frame 0',
    '9001 frame 1',
    '19001 offline timeout 500',
    '19501 connecting',
    '29501 offline timeout 1500',
  ])
})

test('a source that says that it is right to wait is not lost, until it falls silent', () => {
  const starts = (until: number) => (stillWaiting: () => void, scheduler: TestScheduler) =>
    new Observable<DecodedImage>(subscriber => {
      for (let at = 1000; at <= until; at += 1000) subscriber.add(scheduler.schedule(stillWaiting, at))
    })
  const { lines } = watch({ attempts: [starts(40_000)], until: 50_400 })
  expect(lines).toEqual(['0 connecting', '50000 offline timeout 500'])
})

test('the message of a stall names the key to change', () => {
  const { internalEvents } = watch({ attempts: ['-'], until: 10_100 })
  expect(internalEvents).toContainEqual(
    expect.objectContaining({
      type: 'CameraLost',
      detail: 'no frame for 10 s; raise `stall_timeout` if the camera is that slow',
    }),
  )
})

test('a slow camera is not taken for a stalled one', () => {
  const { lines } = watch({ attempts: ['a 19s b'], options: { fps: 0.05 }, until: 25_000 })
  expect(lines.filter(line => line.includes('offline'))).toEqual([])
})

test.each([3_600_000, -3_600_000])(
  'a correction of the wall clock by %d ms neither freezes a camera nor thaws it',
  jump => {
    const options = { frozenAfterMs: 2000, reopenFrozenAfterMs: 4000 }
    let frames = 0
    const clockErrorMs = () => (++frames > 1 ? jump : 0)
    const { lines } = watch({ attempts: ['a 999ms a 1999ms a 999ms b'], options, until: 4500, clockErrorMs })
    expect(lines).toEqual([
      '0 connecting',
      '0 online',
      '0 frame 0',
      '1000 frame 1',
      '3000 online frozen',
      '3000 frame 2 frozen',
      '4000 online',
      '4000 frame 3',
    ])
  },
)

test('a frozen image is reported once, until the next change, and the camera is reopened when it lasts', () => {
  const options = { frozenAfterMs: 2000, reopenFrozenAfterMs: 4000 }
  const { lines, internalEvents } = watch({ attempts: ['a 999ms a 999ms a 999ms b'], options, until: 5000 })
  expect(lines).toEqual([
    '0 connecting',
    '0 online',
    '0 frame 0',
    '1000 frame 1',
    '2000 online frozen',
    '2000 frame 2 frozen',
    '3000 online',
    '3000 frame 3',
  ])
  expect(internalEvents.filter(({ type }) => type === 'CameraProblemChanged')).toMatchObject([
    { problem: 'frozen' },
    { problem: null },
  ])
  const lasting = watch({ attempts: ['a 1999ms a 1999ms a'], options, until: 4400 })
  expect(lasting.lines.slice(-3)).toEqual(['2000 frame 1 frozen', '4000 frame 2 frozen', '4000 offline frozen 500'])
})

test('a dark image is reported at once', () => {
  expect(watch({ attempts: ['-=-a'] }).lines).toEqual([
    '0 connecting',
    '1 online dark',
    '1 frame 0 dark',
    '3 online',
    '3 frame 1',
  ])
})

test('a source that completes has ended, and is not opened again', () => {
  const { lines, opened } = watch({ attempts: ['a-|'] })
  expect(lines).toEqual(['0 connecting', '0 online', '0 frame 0', '2 ended', '2 complete'])
  expect(opened).toBe(1)
})

test('an error that nobody foresaw is a crash, also one thrown while opening', () => {
  const broken = throwError(() => new TypeError('bug'))
  expect(watch({ attempts: [broken] }).lines[1]).toBe('0 offline crash 500')
})

test('a file’s statuses carry the frames’ own time', () => {
  const image = {
    capturedAt: 77,
    pixels: new Uint8Array(SIZE * SIZE * 3).fill(99),
    size: SIZE,
    jpeg: null,
    detail: null,
    zoneImages: new Map(),
  }
  const scheduler = new TestScheduler(() => {})
  const at: number[] = []
  supervise(
    () => of(image),
    { camera: 'file', clock: 'frames' },
    { telemetry: { emit: () => {} }, scheduler },
  ).subscribe(signal => at.push(signal.kind === 'frame' ? signal.capturedAt : signal.at))
  expect(at).toEqual([0, 77, 77, 77])
})

test('unsubscribing closes the source and leaves no timer behind', () => {
  const scheduler = new TestScheduler(() => {})
  let closed = 0
  scheduler.run(({ cold, flush }) => {
    const source = cold<DecodedImage>('a', {
      a: { capturedAt: 0, pixels: new Uint8Array(3), size: 1, jpeg: null, detail: null, zoneImages: new Map() },
    })
    const subscription = supervise(
      () => source,
      { camera: 'yard' },
      { telemetry: { emit: () => {} }, scheduler },
    ).subscribe()
    scheduler.schedule(() => {
      subscription.unsubscribe()
      closed = source.subscriptions.filter(({ unsubscribedFrame }) => unsubscribedFrame !== Infinity).length
    }, 5)
    flush()
    expect(scheduler.now()).toBe(5)
  })
  expect(closed).toBe(1)
})

test('telemetry hears of every attempt, loss and frame', () => {
  const { internalEvents } = watch({ attempts: ['a#', 'b'] })
  expect(internalEvents).toMatchObject([
    { type: 'CameraConnecting', attempt: 1 },
    { type: 'CameraConnected', attempt: 1 },
    { type: 'FrameReceived', capturedAt: 0 },
    { type: 'CameraLost', reason: 'eof', detail: 'it was eof', retryInMs: 500 },
    { type: 'CameraConnecting', attempt: 2 },
    { type: 'CameraConnected', attempt: 2 },
    { type: 'FrameReceived', capturedAt: 501 },
  ])
})
