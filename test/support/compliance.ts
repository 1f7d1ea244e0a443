/** What every operator of the flow keeps to, as tests that each is put through. */

import { type OperatorFunction, Subject } from 'rxjs'
import { describe, expect, test } from 'vitest'
import type { CameraStatus, EventChange, Frame, MarkedFrame, Signal } from '../../src/types.ts'
import { status } from './frames.ts'
import { type RecordedTelemetry, recordTelemetry } from './recordTelemetry.ts'
import { later, virtually } from './virtualTime.ts'

/** A frame of any stage: plain, or around a marked one. */
type AnyFrame = Frame | { readonly kind: 'frame'; readonly frame: MarkedFrame }
type Sent = AnyFrame | CameraStatus | EventChange

export interface Candidate<In extends AnyFrame> {
  /** A new operator that reports to this telemetry. */
  readonly operator: (telemetry: RecordedTelemetry) => OperatorFunction<Signal<In>, Sent>
  readonly frame: (camera: string, at: number) => In
}

/** Frames of two cameras, statuses in between. */
const COUNT = 60
const PERIOD_MS = 10

export function describeCompliance<In extends AnyFrame>(name: string, candidate: Candidate<In>): void {
  const script = scriptOf(candidate.frame)

  describe(`${name} keeps the rules of the service`, () => {
    test('received = sent + dropped, each drop with its reason', () => {
      const { sent, telemetry } = play(candidate, script)
      expect(frames(sent) + telemetry.dropped()).toBe(frames(script))
      for (const internalEvent of telemetry.internalEvents)
        if (internalEvent.type === 'FramesDropped') expect(internalEvent.reason).toMatch(/^(stale|encoder|shutdown)$/)
    })

    test('every status goes on, in its place among the frames of its camera', () => {
      const { sent } = play(candidate, script)
      for (const camera of ['a', 'b']) {
        const given = script.map(keyOf).filter(key => key.startsWith(camera))
        const got = sent.map(keyOf).filter(key => key.startsWith(camera))
        expect(got).toEqual(given.filter(key => got.includes(key)))
        expect(got.filter(isStatus)).toEqual(given.filter(isStatus))
      }
    })

    test('completes after its source, an empty one too; passes its error on', () => {
      expect(play(candidate, script).ending).toBe('complete')
      expect(play(candidate, []).ending).toBe('complete')
      expect(play(candidate, script, new Error('no more')).ending).toEqual(new Error('no more'))
    })

    test('unsubscribed, it lets go of its source, says nothing more and counts what it held', () => {
      virtually(() => {
        const source = new Subject<Signal<In>>()
        const telemetry = recordTelemetry()
        const sent: Sent[] = []
        const subscription = source.pipe(candidate.operator(telemetry)).subscribe(one => sent.push(one))
        for (const signal of script.slice(0, 5)) source.next(signal)
        subscription.unsubscribe()
        expect(source.observed).toBe(false)
        const before = sent.length
        return () => {
          expect(sent.length).toBe(before)
          expect(frames(sent) + telemetry.dropped()).toBe(5)
        }
      })
    })

    test('two subscriptions share no state', () => {
      const alone = play(candidate, script).sent.map(keyOf)
      virtually(() => {
        const source = new Subject<Signal<In>>()
        const operator = candidate.operator(recordTelemetry())
        const both: Sent[][] = [[], []]
        for (const sent of both) source.pipe(operator).subscribe(one => sent.push(one))
        feed(source, script)
        return () => {
          for (const sent of both) expect(sent.map(keyOf)).toEqual(alone)
        }
      })
    })
  })
}

function scriptOf<In extends AnyFrame>(frame: Candidate<In>['frame']): Signal<In>[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const [camera, at] = [index % 3 === 0 ? 'a' : 'b', index * PERIOD_MS]
    if (index % 15 === 7) return status(camera, at, 'offline')
    return index % 15 === 8 ? status(camera, at, 'online') : frame(camera, at)
  })
}

function play<In extends AnyFrame>({ operator }: Candidate<In>, script: readonly Signal<In>[], error?: Error) {
  const telemetry = recordTelemetry()
  const sent: Sent[] = []
  let ending: unknown = 'none'
  virtually(() => {
    const source = new Subject<Signal<In>>()
    source.pipe(operator(telemetry)).subscribe({
      next: one => sent.push(one),
      error: reason => {
        ending = reason
      },
      complete: () => {
        ending = 'complete'
      },
    })
    feed(source, script, error)
    return undefined
  })
  return { sent, telemetry, ending }
}

function feed<In extends AnyFrame>(source: Subject<Signal<In>>, script: readonly Signal<In>[], error?: Error): void {
  script.forEach((signal, index) => {
    later(index * PERIOD_MS, () => source.next(signal))
  })
  later(script.length * PERIOD_MS, () => (error ? source.error(error) : source.complete()))
}

/** `a 120 frame`, `b 70 offline` */
function keyOf(one: Sent): string {
  if (one.kind === 'event') return `event ${one.after.id} ${one.type}`
  if (one.kind === 'status') return `${one.camera} ${one.at} ${one.state}`
  const { camera, capturedAt } = 'frame' in one ? one.frame : one
  return `${camera} ${capturedAt} frame`
}

function isStatus(key: string): boolean {
  return !key.endsWith('frame')
}

function frames(sent: readonly { readonly kind: string }[]): number {
  return sent.filter(({ kind }) => kind === 'frame').length
}
