import { map, type Observable, Subject } from 'rxjs'
import { expect, test } from 'vitest'
import { type EmbedLatestOptions, embedLatest } from '../../src/operators/embedLatest.ts'
import type { EncodedFrame, MarkedFrame, Signal } from '../../src/types.ts'
import { type FakeEncoder, fakeEncoder } from '../support/fakeEncoder.ts'
import { frame, status } from '../support/frames.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { marbles, virtually } from '../support/virtualTime.ts'

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
