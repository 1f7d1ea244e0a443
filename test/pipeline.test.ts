import { EMPTY, interval, lastValueFrom, map, NEVER, type Observable, Subject, take, throwError, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import type { Command, SnapshotAnswer, WatchedCamera, WatchState } from '../src/operators/watchState.ts'
import { type PipelineDeps, type PipelineOptions, pipeline } from '../src/pipeline.ts'
import type { EncodedBatch, Encoder, Frame, Outcome, Signal } from '../src/types.ts'
import { fakeEncoder } from './support/fakeEncoder.ts'
import { image, imageFrame, status } from './support/frames.ts'
import { countTelemetry, recordTelemetry } from './support/recordTelemetry.ts'
import { marbles, virtually } from './support/virtualTime.ts'
import { see, watchForLight } from './support/watchForLight.ts'

const OPTIONS: Omit<PipelineOptions, 'watchState'> = {
  scoring: 'two-way',
  maxBatch: 4,
  maxQueueDelayMs: 3,
  lossless: false,
  updateEveryMs: 0,
  gapMs: 30_000,
}

function depsFor(cameras: Record<string, Observable<Signal<Frame>>>, rest: Partial<PipelineDeps> = {}): PipelineDeps {
  return {
    open: ({ camera: name }) => cameras[name] ?? NEVER,
    encoder: fakeEncoder({ takesMs: () => 2, embed: see }),
    telemetry: recordTelemetry(),
    commands$: EMPTY,
    stop$: NEVER,
    ...rest,
  }
}

const bright = (name: string, at: number): Frame =>
  imageFrame(
    at,
    image(8, () => 220),
    name,
  )
const dark = (name: string, at: number): Frame =>
  imageFrame(
    at,
    image(8, () => 20),
    name,
  )

/** h, l: bright and dark frames of camera `a`; H, L: of `b`; x: `a` goes offline; o: online. */
const input: Record<string, Signal<Frame>> = {
  o: status('a', 0, 'online'),
  x: status('a', 0, 'offline'),
  h: bright('a', 0),
  l: dark('a', 0),
  H: bright('b', 0),
  L: dark('b', 0),
}

/** Frames and statuses by their input's name, changes as n, u, e; those of camera b in capitals. */
const nameOf = map((outcome: Outcome) => {
  if (outcome.kind === 'status') return outcome.state === 'offline' ? 'x' : outcome.state.slice(0, 1)
  const isFrame = outcome.kind === 'frame'
  const name = isFrame ? ((outcome.rawScores.light ?? 0) > 0.5 ? 'h' : 'l') : outcome.type.slice(0, 1)
  return (isFrame ? outcome.frame.camera : outcome.after.camera) === 'a' ? name : name.toUpperCase()
})

test('frames become scores and events; stopping closes the camera, drains the encoder and ends open events', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const a = hot('       o---h---h---', input)
    const stop = hot('    -----s      ')
    const subscribed = '  ^----!      '
    const outcomes = '    o-----(hne|)'
    const outcomes$ = pipeline({ ...OPTIONS, watchState: watchForLight(['a']) }, depsFor({ a }, { stop$: stop }))
    expectObservable(outcomes$.pipe(nameOf)).toBe(outcomes)
    expectSubscriptions(a.subscriptions).toBe(subscribed)
  })
})

test('unsubscribed, cameras, commands and the stop signal are let go', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const a = hot('       o---l---h-', input)
    const stop = hot('    ----------')
    const commands = hot<Command>('-')
    const unsubscribed = '-----!    '
    const outcomes = '    o---------'
    const outcomes$ = pipeline(
      { ...OPTIONS, watchState: watchForLight(['a']) },
      depsFor({ a }, { stop$: stop, commands$: commands }),
    )
    expectObservable(outcomes$.pipe(nameOf), unsubscribed).toBe(outcomes)
    expectSubscriptions(a.subscriptions).toBe('^----!')
    expectSubscriptions(stop.subscriptions).toBe('^----!')
    expectSubscriptions(commands.subscriptions).toBe(['^----!', '^----!'])
  })
})

test('a lost camera ends its events; another camera is not affected', () => {
  marbles().run(({ hot, expectObservable }) => {
    const a = hot('     h-------x-------', input)
    const b = hot('     ----------H-----', input)
    const outcomes = '  --(hn)--(ex)(HN)'
    const outcomes$ = pipeline({ ...OPTIONS, watchState: watchForLight(['a', 'b']) }, depsFor({ a, b }))
    expectObservable(outcomes$.pipe(nameOf)).toBe(outcomes)
  })
})

test('the error of one camera is its own', () => {
  marbles().run(({ cold, expectObservable }) => {
    const a = throwError(() => new Error('broken pipe'))
    const b = cold('    -H---------|   ', input)
    const outcomes = '  x--(HN)----(E|)'
    const outcomes$ = pipeline({ ...OPTIONS, watchState: watchForLight(['a', 'b']) }, depsFor({ a, b }))
    expectObservable(outcomes$.pipe(nameOf)).toBe(outcomes)
  })
})

test('a failing encoder drops its batch and ends nothing', () => {
  marbles().run(({ cold, expectObservable, flush }) => {
    const a = cold('    h---h------|   ', input)
    const outcomes = '  ------(hn)-(e|)'
    const telemetry = recordTelemetry()
    const encoder = fakeEncoder({ takesMs: () => 2, embed: see, fails: batch => batch === 0 })
    const outcomes$ = pipeline({ ...OPTIONS, watchState: watchForLight(['a']) }, depsFor({ a }, { encoder, telemetry }))
    expectObservable(outcomes$.pipe(nameOf)).toBe(outcomes)
    flush()
    expect(telemetry.dropped('encoder')).toBe(1)
  })
})

test('commands: a threshold counts from the next frame, a disabled camera is closed and its events end', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    // A bright frame scores 0.99: above 0.995 it is nothing, above 0.6 it is an event.
    const a = hot('         h-----h---h-----', input)
    const commands = hot('  t-------u-----d', {
      t: { type: 'threshold', event: 'light', threshold: 0.9999 },
      u: { type: 'threshold', event: 'light', threshold: 0.6 },
      d: { type: 'camera', camera: 'a', enabled: false },
    } satisfies Record<string, Command>)
    const subscribed = '    ^-------------!'
    const outcomes = '      --h---h---(hn)(ed)'
    const outcomes$ = pipeline(
      { ...OPTIONS, watchState: watchForLight(['a']) },
      depsFor({ a }, { commands$: commands }),
    )
    expectObservable(outcomes$.pipe(nameOf), '----------------------!').toBe(outcomes)
    expectSubscriptions(a.subscriptions).toBe(subscribed)
  })
})

test('commands: a snapshot on request', () => {
  const pictures: SnapshotAnswer[] = []
  virtually(() => {
    const frames = new Subject<Signal<Frame>>()
    const commands$ = new Subject<Command>()
    pipeline({ ...OPTIONS, watchState: watchForLight(['a']) }, depsFor({ a: frames }, { commands$ })).subscribe()
    commands$.next({ type: 'snapshot', camera: 'a', deliver: one => pictures.push(one) })
    frames.next({ ...bright('a', 7), jpeg: Uint8Array.of(7) })
    return () => expect(pictures).toEqual([{ camera: 'a', at: 7, jpeg: Uint8Array.of(7) }])
  })
})

test('telemetry hears of every score, status and event', () => {
  const telemetry = recordTelemetry()
  virtually(() => {
    const frames = new Subject<Signal<Frame>>()
    pipeline({ ...OPTIONS, watchState: watchForLight(['a']) }, depsFor({ a: frames }, { telemetry })).subscribe()
    frames.next(status('a', 0, 'online'))
    frames.next(bright('a', 0))
    return undefined
  })
  const types = telemetry.internalEvents.map(({ type }) => type)
  expect(types).toEqual([
    'CameraStatusChanged',
    'StageTimed',
    'BatchEncoded',
    'StageTimed',
    'ScoreChanged',
    'EventChanged',
  ])
})

test('ten minutes of eight cameras at ten times what the encoder can do: the frame counts add up', () => {
  virtually(() => {
    const names = Array.from({ length: 8 }, (_, index) => `camera${index}`)
    const telemetry = countTelemetry()
    const pixels = [image(4, () => 20), image(4, () => 220)] as const
    let received = 0
    let mostHeld = 0
    const open = ({ camera: name }: WatchedCamera) =>
      interval(100).pipe(
        take(6000),
        map(tick => {
          received += 1
          mostHeld = Math.max(mostHeld, received - telemetry.accounted())
          return imageFrame(tick * 100, pixels[Math.floor(tick / 50) % 2] ?? pixels[0], name)
        }),
      )
    const encoder = fakeEncoder({ takesMs: () => 1000, embed: see })
    const deps = depsFor({}, { open, encoder, telemetry })
    let ends = 0
    const options = { ...OPTIONS, maxBatch: 8, maxQueueDelayMs: 100, watchState: withoutGate(watchForLight(names)) }
    pipeline(options, deps).subscribe(outcome => {
      if (outcome.kind === 'event') ends += outcome.type === 'end' ? 1 : outcome.type === 'new' ? -1 : 0
    })
    return () => {
      expect(received).toBe(48_000)
      expect(telemetry.accounted()).toBe(received)
      // One waits a camera, one batch is on its way, and the newest has just come.
      expect(mostHeld).toBeLessThanOrEqual(8 + 8 + 1)
      expect(ends).toBe(0)
    }
  })
})

function withoutGate(state: WatchState): WatchState {
  return { ...state, cameras: state.cameras.map(one => ({ ...one, motion: { ...one.motion, enabled: false } })) }
}

/** Answers after a given number of turns of the event loop. */
function promisingEncoder(turns: readonly number[]): Encoder {
  let batches = 0
  return {
    maxBatch: 8,
    async encode(pictures): Promise<EncodedBatch> {
      const embeddings = pictures.map(pixels => Float32Array.from(see(pixels)))
      for (let turn = turns[batches++ % turns.length] ?? 0; turn > 0; turn--) await null
      return { variant: 'fake', embeddings, seconds: 0.001 }
    },
  }
}

test('files: nothing is dropped, and two runs yield the same bytes, whichever camera is slow', async () => {
  const run = async (turns: readonly number[], readerTurns: number) => {
    async function* film(): AsyncGenerator<Signal<Frame>> {
      for (let at = 0; at < 60_000; at += 250) {
        for (let turn = 0; turn < readerTurns; turn++) await null
        yield at % 20_000 < 6000 ? bright('a', at) : dark('a', at)
      }
      yield status('a', 60_000, 'ended')
    }
    const telemetry = recordTelemetry()
    const deps = depsFor({}, { open: film, encoder: promisingEncoder(turns), telemetry })
    const outcomes = await lastValueFrom(
      pipeline({ ...OPTIONS, lossless: true, watchState: watchForLight(['a']) }, deps).pipe(toArray()),
    )
    expect(telemetry.dropped()).toBe(0)
    expect(outcomes.filter(({ kind }) => kind === 'frame')).toHaveLength(240)
    return JSON.stringify(outcomes)
  }
  const once = await run([0], 0)
  expect(await run([3, 0, 17], 2)).toBe(once)
  expect(once.match(/"type":"new"/g)).toHaveLength(3)
  expect(once.match(/"endReason":"score"/g)).toHaveLength(3)
})
