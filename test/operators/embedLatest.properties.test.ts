import fc from 'fast-check'
import { interval, Subject, take } from 'rxjs'
import { expect, test } from 'vitest'
import { embedLatest } from '../../src/operators/embedLatest.ts'
import type { EncodedFrame, MarkedFrame, Signal } from '../../src/types.ts'
import { fakeEncoder } from '../support/fakeEncoder.ts'
import { frame, status } from '../support/frames.ts'
import { countTelemetry, recordTelemetry } from '../support/recordTelemetry.ts'
import { later, virtually } from '../support/virtualTime.ts'

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
