import fc from 'fast-check'
import { lastValueFrom, map, type Observable, Subject, take, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { createBackpressure, readWithBackpressure } from '../../src/operators/backpressure.ts'
import { embedEvery } from '../../src/operators/embedEvery.ts'
import type { EncodedBatch, EncodedFrame, Encoder, MarkedFrame, Signal } from '../../src/types.ts'
import { type FakeEncoder, fakeEncoder } from '../support/fakeEncoder.ts'
import { frame, status } from '../support/frames.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { later, marbles, virtually } from '../support/virtualTime.ts'

/** a…h: frames, A…H: still ones, x: offline, z: ended. */
const input: Record<string, Signal<MarkedFrame>> = { x: status('one', 0, 'offline'), z: status('one', 0, 'ended') }
for (const name of 'abcdefghABCDEFGH')
  input[name] = frame('one', 0, { seq: name.charCodeAt(0), still: name === name.toUpperCase() })

function nameOf(signal: Signal<EncodedFrame>): string {
  if (signal.kind === 'status') return signal.state === 'offline' ? 'x' : 'z'
  return String.fromCharCode(signal.frame.seq)
}

function embedded(source$: Observable<Signal<MarkedFrame>>, encoder: FakeEncoder = fakeEncoder({ takesMs: () => 4 })) {
  const telemetry = recordTelemetry()
  const options = { maxBatch: 2, backpressure: createBackpressure() }
  return { names$: source$.pipe(embedEvery(encoder, options, telemetry), map(nameOf)), telemetry, encoder }
}

test('batches fill by count, one is on its way, nothing is dropped', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions, flush }) => {
    const frames = hot('  abcde|           ', input)
    const subscribed = '  ^----!           '
    const encoded = '     -----(ab)(cd)(e|)'
    const { names$, telemetry, encoder } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    expectSubscriptions(frames.subscriptions).toBe(subscribed)
    flush()
    expect(encoder.batches).toEqual([2, 2, 1])
    expect(telemetry.dropped()).toBe(0)
  })
})

test('the next batch leaves before the last one is looked at: the encoder never waits for scores', () => {
  virtually(() => {
    const seen: string[] = []
    const encoder = fakeEncoder({ takesMs: () => 4 })
    const spied: Encoder = {
      maxBatch: encoder.maxBatch,
      encode: pictures => {
        seen.push('asked')
        return encoder.encode(pictures)
      },
    }
    const source = new Subject<Signal<MarkedFrame>>()
    const options = { maxBatch: 2, backpressure: createBackpressure() }
    source.pipe(embedEvery(spied, options, recordTelemetry()), map(nameOf)).subscribe(name => seen.push(name))
    for (const name of 'abcdE') source.next(input[name] as Signal<MarkedFrame>)
    source.complete()
    return () => expect(seen.join(' ')).toBe('asked asked a b c d E')
  })
})

test('unsubscribed between two frames of a batch, it asks for nothing more and the books balance', () => {
  virtually(() => {
    const encoder = fakeEncoder({ takesMs: () => 4 })
    const telemetry = recordTelemetry()
    const source = new Subject<Signal<MarkedFrame>>()
    const options = { maxBatch: 2, backpressure: createBackpressure() }
    source.pipe(embedEvery(encoder, options, telemetry), take(1)).subscribe()
    for (const name of 'abCDef') source.next(input[name] as Signal<MarkedFrame>)
    return () => {
      expect(encoder.batches).toEqual([2, 2])
      expect([telemetry.dropped('shutdown'), telemetry.dropped(), telemetry.encoded()]).toEqual([4, 4, 2])
    }
  })
})

test('unsubscribed, what it held is counted', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions, flush }) => {
    const frames = hot('  abcde---', input)
    const unsubscribed = '------! '
    const subscribed = '  ^-----! '
    const encoded = '     -----(ab)'
    const { names$, telemetry } = embedded(frames)
    expectObservable(names$, unsubscribed).toBe(encoded)
    expectSubscriptions(frames.subscriptions).toBe(subscribed)
    flush()
    expect(telemetry.dropped('shutdown')).toBe(3)
  })
})

test('still frames cost nothing and keep their place', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  aBCd---------|', input)
    const encoded = '     -------(aBCd)|'
    const { names$, telemetry, encoder } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    flush()
    expect([telemetry.skipped(), encoder.batches]).toEqual([2, [2]])
  })
})

test('a long still scene does not wait for ever to fill a batch', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  aBCDEFGH-------------|', input)
    const encoded = '     -----------(aBCDEFGH)|'
    const { names$, telemetry } = embedded(frames)
    expectObservable(names$).toBe(encoded)
    flush()
    expect(telemetry.skipped()).toBe(7)
  })
})

test('the end of a file closes its batch', () => {
  marbles().run(({ hot, expectObservable }) => {
    const frames = hot('  az------', input)
    const encoded = '     -----(az)'
    expectObservable(embedded(frames).names$).toBe(encoded)
  })
})

test('still frames that lost their scene with a batch are lost with it; the next one is encoded', () => {
  marbles().run(({ hot, expectObservable, flush }) => {
    const frames = hot('  aBc-----D------|', input)
    const encoded = '     -------------------(D|)'
    const { names$, telemetry } = embedded(frames, fakeEncoder({ takesMs: () => 4, fails: batch => batch === 0 }))
    expectObservable(names$).toBe(encoded)
    flush()
    expect(telemetry.dropped('encoder')).toBe(3)
  })
})

/** Takes a random time and counts what it was given. */
function slowEncoder(delays: readonly number[]): Encoder & { sizes: number[] } {
  const sizes: number[] = []
  let pictures = 0
  return {
    maxBatch: 4,
    sizes,
    async encode(given): Promise<EncodedBatch> {
      const batch = sizes.push(given.length) - 1
      for (let turn = 0; turn < (delays[batch % delays.length] ?? 0); turn++) await null
      return { variant: 'fake', embeddings: given.map(() => Float32Array.of(pictures++, batch)), seconds: 0 }
    },
  }
}

test('batches and embeddings depend on the input alone, not on who is slow', async () => {
  const turns = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
  const stills = fc.array(fc.boolean(), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(stills, turns, turns, async (marks, reading, encoding) => {
      const outcome = async (readingTurns: readonly number[], encodingTurns: readonly number[]) => {
        async function* read(): AsyncGenerator<Signal<MarkedFrame>> {
          for (const [seq, still] of marks.entries()) {
            for (let turn = 0; turn < (readingTurns[seq % readingTurns.length] ?? 0); turn++) await null
            yield frame('a', seq, { still })
          }
          yield status('a', marks.length, 'ended')
        }
        const backpressure = createBackpressure()
        const encoder = slowEncoder(encodingTurns)
        const telemetry = recordTelemetry()
        const flow$ = readWithBackpressure(read(), backpressure).pipe(
          embedEvery(encoder, { maxBatch: 3, backpressure }, telemetry),
          toArray(),
        )
        return { signals: await lastValueFrom(flow$), sizes: encoder.sizes, dropped: telemetry.dropped() }
      }
      const slow = await outcome(reading, encoding)
      expect(slow).toEqual(await outcome([0], [0]))
      expect(slow.dropped).toBe(0)
      expect(slow.signals).toHaveLength(marks.length + 1)
    }),
    { numRuns: 50 },
  )
})

test('a reader waits while one batch is on its way and the next is full', () => {
  virtually(() => {
    const calls: string[] = []
    const backpressure = { pause: () => calls.push('pause'), resume: () => calls.push('resume') }
    const source = new Subject<Signal<MarkedFrame>>()
    source
      .pipe(embedEvery(fakeEncoder({ takesMs: () => 10 }), { maxBatch: 2, backpressure }, recordTelemetry()))
      .subscribe()
    for (let at = 0; at < 4; at++) source.next(frame('a', at))
    expect(calls.at(-1)).toBe('pause')
    later(15, () => expect(calls.at(-1)).toBe('resume'))
    return () => expect(calls.at(-1)).toBe('resume')
  })
})
