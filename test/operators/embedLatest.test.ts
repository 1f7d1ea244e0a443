import fc from 'fast-check'
import { interval, map, type Observable, Subject, take } from 'rxjs'
import { expect, test } from 'vitest'
import { type EmbedLatestOptions, embedLatest } from '../../src/operators/embedLatest.ts'
import type { EncodedFrame, MarkedFrame, Signal } from '../../src/types.ts'
import { type FakeEncoder, fakeEncoder } from '../support/fakeEncoder.ts'
import { frame, status } from '../support/frames.ts'
import { countTelemetry, recordTelemetry } from '../support/recordTelemetry.ts'
import { later, marbles, virtually } from '../support/virtualTime.ts'

/** a…f: frames of one camera, A…F: still ones; x, y: it goes offline, online. 1…4: frames of cameras; p, q: 1, 2 go online. */
const input: Record<string, Signal<MarkedFrame>> = {
  x: status('one', 0, 'offline'),
  y: status('one', 0, 'online'),
  p: status('1', 0, 'online'),
  q: status('2', 0, 'online'),
}
for (const name of 'abcdefABCDEF')
  input[name] = frame('one', 0, { seq: name.charCodeAt(0), still: name === name.toUpperCase() })
for (const name of '1234') input[name] = frame(name, 0, { seq: name.charCodeAt(0) })

function nameOf(signal: Signal<EncodedFrame>): string {
  if (signal.kind === 'frame') return String.fromCharCode(signal.frame.seq)
  return Object.keys(input).find(name => input[name] === signal) ?? '?'
}

/** With an encoder that takes 4 ms. */
function embedded(
  source$: Observable<Signal<MarkedFrame>>,
  options: Partial<EmbedLatestOptions> = {},
  encoder: FakeEncoder = fakeEncoder({ takesMs: () => 4 }),
) {
  const telemetry = recordTelemetry()
  const names$ = source$.pipe(
    embedLatest(encoder, { maxBatch: 4, maxQueueDelayMs: 5, ...options }, telemetry),
    map(nameOf),
  )
  return { names$, telemetry, encoder }
}

test('the newest frame waits, the one it replaced is stale, completion drains', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions, flush }) => {
    const frames = hot('  a-bc-|       ', input)
    const subscribed = '  ^----!       '
    const encoded = '     ----a---(c|) '
    const { names$, telemetry } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    expectSubscriptions(frames.subscriptions).toBe(subscribed)
    flush()
    expect(telemetry.dropped('stale')).toBe(1)
    expect(telemetry.encoded()).toBe(2)
  })
})

test('unsubscribed with one frame on its way and one waiting: both are counted', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions, flush }) => {
    const frames = hot('  a-b-----', input)
    const unsubscribed = '---!    '
    const subscribed = '  ^--!    '
    const encoded = '     --------'
    const { names$, telemetry } = embedded(frames)
    expectObservable(names$, unsubscribed).toBe(encoded)
    expectSubscriptions(frames.subscriptions).toBe(subscribed)
    flush()
    expect(telemetry.dropped('shutdown')).toBe(2)
    expect(telemetry.encoded()).toBe(0)
  })
})

test('a batch leaves as soon as every camera is in it', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  pq1--2-------|', input)
    const encoded = '     pq-------(12)|'
    const { names$, encoder } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    flush()
    expect(encoder.batches).toEqual([2])
  })
})

test('a batch does not wait for a slow camera beyond its deadline', () => {
  marbles().run(({ hot, expectObservable }) => {
    const frames = hot('  pq1-------2---------|', input)
    const encoded = '     pq---------1-------2|'
    expectObservable(embedded(frames).names$).toBe(encoded)
  })
})

test('a batch is never larger than allowed, and the longest waiting go first', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  (1234)-------|', input)
    const encoded = '     ----1---(23)4|'
    const { names$, encoder } = embedded(frames, { maxBatch: 2 })
    expectObservable(names$).toBe(encoded)
    flush()
    expect(encoder.batches).toEqual([1, 2, 1])
  })
})

test('a still frame takes the last embedding at once, but not that of before the camera was lost', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  a-----B-x-y-C----|', input)
    const encoded = '     ----a-B-x-y-----C|'
    const { names$, telemetry } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    flush()
    expect([telemetry.skipped(), telemetry.encoded()]).toEqual([1, 2])
  })
})

test('a still frame waits for the embedding that it is to take', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  a-B-----|', input)
    const encoded = '     ----(aB)|'
    const { names$, telemetry } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    flush()
    expect(telemetry.skipped()).toBe(1)
  })
})

test('a still frame whose scene was dropped as stale is encoded itself', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  a-bC------|', input)
    const encoded = '     ----a---C-|'
    const { names$, telemetry } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    flush()
    expect([telemetry.skipped(), telemetry.dropped('stale')]).toEqual([0, 1])
  })
})

test('a still frame whose scene was lost with a batch is encoded itself', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  a-B------|', input)
    const encoded = '     --------B|'
    const { names$, telemetry } = embedded(frames, {}, fakeEncoder({ takesMs: () => 4, fails: batch => batch === 0 }))
    expectObservable(names$).toBe(encoded)
    flush()
    expect([telemetry.skipped(), telemetry.dropped('encoder')]).toEqual([0, 1])
  })
})

test('a status stays behind the frames that came before it', () => {
  marbles().run(({ hot, expectObservable }) => {
    const frames = hot('  a-bx--y------|', input)
    const encoded = '     ----a---(bxy)|'
    expectObservable(embedded(frames).names$).toBe(encoded)
  })
})

test('an answer with the wrong number of vectors is a failed batch', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  a----|', input)
    const encoded = '     -----|'
    const { names$, telemetry } = embedded(frames, {}, fakeEncoder({ takesMs: () => 4, emptyAnswer: true }))
    expectObservable(names$).toBe(encoded)
    flush()
    expect(telemetry.dropped('encoder')).toBe(1)
  })
})

test('statuses that pile up behind a stuck encoder are bounded, and the newest is kept', () => {
  virtually(() => {
    const sent: string[] = []
    const source = new Subject<Signal<MarkedFrame>>()
    source
      .pipe(embedLatest(fakeEncoder({ takesMs: () => 1000 }), { maxBatch: 1, maxQueueDelayMs: 1 }, recordTelemetry()))
      .subscribe(signal => sent.push(signal.kind === 'status' ? `${signal.state} ${signal.at}` : 'frame'))
    source.next(frame('a', 0))
    for (let at = 1; at <= 100; at++) source.next(status('a', at, at % 2 === 0 ? 'online' : 'offline'))
    return () => {
      expect(sent).toHaveLength(1 + 8)
      expect(sent.at(-1)).toBe('online 100')
    }
  })
})

const step = fc.record({
  camera: fc.constantFrom('a', 'b', 'c', 'd'),
  what: fc.constantFrom('frame', 'frame', 'frame', 'still', 'still', 'offline', 'online'),
  gapMs: fc.integer({ min: 0, max: 30 }),
})
const world = fc.record({
  steps: fc.array(step, { maxLength: 60 }),
  takesMs: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }),
  failing: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  maxBatch: fc.integer({ min: 1, max: 5 }),
  maxQueueDelayMs: fc.integer({ min: 0, max: 50 }),
})

test('whatever happens, the books balance, order holds and no still frame shows a scene that was not encoded', () => {
  fc.assert(
    fc.property(world, ({ steps, takesMs, failing, maxBatch, maxQueueDelayMs }) => {
      virtually(() => {
        const encoder = fakeEncoder({
          takesMs: batch => takesMs[batch % takesMs.length] ?? 0,
          fails: batch => failing[batch % failing.length] === true,
        })
        const telemetry = recordTelemetry()
        const sent: Signal<EncodedFrame>[] = []
        const source = new Subject<Signal<MarkedFrame>>()
        source
          .pipe(embedLatest(encoder, { maxBatch, maxQueueDelayMs }, telemetry))
          .subscribe(signal => sent.push(signal))

        let received = 0
        let at = 0
        const reference = new Map<string, number>()
        steps.forEach(({ camera, what, gapMs }, seq) => {
          at += gapMs
          later(at, () => {
            if (what === 'online' || what === 'offline') return source.next(status(camera, seq, what))
            received += 1
            const still = what === 'still' && reference.has(camera)
            source.next(frame(camera, seq, { still }))
            if (!still) reference.set(camera, seq)
            const held = received - telemetry.encoded() - telemetry.skipped() - telemetry.dropped()
            expect(held).toBeGreaterThanOrEqual(0)
            expect(held).toBeLessThanOrEqual(2 * 4)
          })
        })
        later(at, () => source.complete())
        return () => {
          expect(telemetry.encoded() + telemetry.skipped() + telemetry.dropped()).toBe(received)
          expect(sent.filter(({ kind }) => kind === 'frame').length).toBe(telemetry.encoded() + telemetry.skipped())
          expect(encoder.mostAtOnce()).toBeLessThanOrEqual(1)
          for (const camera of ['a', 'b', 'c', 'd']) checkCamera(sent, steps, camera)
        }
      })
    }),
    { numRuns: 300 },
  )
})

function checkCamera(
  sent: readonly Signal<EncodedFrame>[],
  steps: readonly { camera: string; what: string }[],
  camera: string,
): void {
  const mine = sent.filter(signal => (signal.kind === 'frame' ? signal.frame.camera : signal.camera) === camera)
  const order = mine.map(signal => (signal.kind === 'frame' ? signal.frame.seq : signal.at))
  expect(order).toEqual([...order].sort((a, b) => a - b))

  for (const signal of mine) {
    if (signal.kind !== 'frame' || !signal.reused) continue
    const { seq } = signal.frame
    const origin = mine.find(other => other.kind === 'frame' && !other.reused && other.embedding === signal.embedding)
    const originSeq = origin?.kind === 'frame' ? origin.frame.seq : -1
    // Nothing but still frames stand between a picture and those that take its embedding.
    const between = steps.slice(originSeq + 1, seq).filter(other => other.camera === camera)
    expect(originSeq).toBeGreaterThanOrEqual(0)
    expect(between.every(({ what }) => what === 'still' || what === 'online')).toBe(true)
  }
}

test('ten minutes of ten times too many frames: what is held stays bounded and the books balance', () => {
  virtually(() => {
    const cameras = Array.from({ length: 16 }, (_, index) => `camera${index}`)
    const telemetry = countTelemetry()
    const source = new Subject<Signal<MarkedFrame>>()
    // 16 cameras of 10 frames a second against 16 frames a second.
    const encoder = fakeEncoder({ takesMs: () => 500 })
    source.pipe(embedLatest(encoder, { maxBatch: 8, maxQueueDelayMs: 100 }, telemetry)).subscribe()
    let received = 0
    let mostHeld = 0
    interval(100)
      .pipe(take(6000))
      .subscribe({
        next: tick => {
          for (const camera of cameras) source.next(frame(camera, tick * 100))
          received += cameras.length
          mostHeld = Math.max(mostHeld, received - telemetry.accounted())
        },
        complete: () => source.complete(),
      })
    return () => {
      expect(received).toBe(96_000)
      expect(telemetry.accounted()).toBe(received)
      // One frame a camera waits, one batch is on its way.
      expect(mostHeld).toBeLessThanOrEqual(16 + 8)
    }
  })
})
