/** One camera's slot before the encoder: at most one frame waits and one is being encoded; statuses keep their place between them. */

import type { Telemetry, ViewOutcome } from '../../telemetry/internalEvents.ts'
import type { CameraStatus, EncodedFrame, EncodedView, MarkedFrame, PartialView, Signal } from '../../types.ts'
import { countViews } from './countViews.ts'
import type { Arrival, Departure } from './encodeFrames.ts'
import { rememberViews } from './rememberViews.ts'

export interface Embedded {
  readonly embedding: Float32Array
  readonly variant: string
}

export interface CameraSlot {
  /** Takes the next signal. Returns true when it replaced a waiting frame. */
  push(signal: Signal<MarkedFrame>): boolean
  /** Signals that may flow on now, in order. */
  ready(): Signal<EncodedFrame>[]
  /** True while a frame waits that must, or may have to, be encoded. */
  waits(): boolean
  /**
   * Takes the waiting frame out for the encoder. Without `crops` its crops are dropped.
   * @returns null when none waits, and when nothing of it has to be encoded: it is ready then
   */
  depart(options: { readonly crops: boolean }): Departure | null
  /** The encoder answered for the frame taken out: null when the batch was lost. */
  arrive(arrival: Arrival | null): void
  /** Counts what is held as `shutdown`. */
  discard(): void
  /** True while more frames may come. */
  isLive(): boolean
  /** True when nothing is held and nothing is expected: the slot may be removed. */
  isOver(): boolean
}

interface HeldFrame {
  readonly kind: 'frame'
  readonly frame: MarkedFrame
  readonly number: number
  state: 'waiting' | 'flying' | 'encoded'
  /** The whole image shows what was encoded before. Known once it flies. */
  reused: boolean
  /** Views that reuse an embedding. Known once it flies. */
  views: readonly EncodedView[]
  /** Views that were not counted yet. */
  uncounted: readonly PartialView[]
}

type Held = { readonly kind: 'status'; readonly status: CameraStatus } | HeldFrame

export function createCameraSlot(camera: string, telemetry: Telemetry): CameraSlot {
  return new Slot(camera, telemetry)
}

class Slot implements CameraSlot {
  readonly #camera: string
  readonly #telemetry: Telemetry
  readonly #held: Held[] = []
  readonly #memory = rememberViews()
  #last: Embedded | null = null
  #live = false
  // Arrival numbers. A still frame shows the scene of the newest frame that was not still: the reference. It may use
  // the last embedding when that frame, or a later still one in its place, has been encoded.
  #arrivals = 0
  #referenceNumber = 0
  #embeddedNumber = -1

  constructor(camera: string, telemetry: Telemetry) {
    this.#camera = camera
    this.#telemetry = telemetry
  }

  push(signal: Signal<MarkedFrame>): boolean {
    if (signal.kind === 'frame') return this.#hold(signal)
    this.#live = signal.state === 'online'
    holdStatus(this.#held, signal)
    return false
  }

  ready(): Signal<EncodedFrame>[] {
    const signals: Signal<EncodedFrame>[] = []
    for (let head = this.#held[0]; head !== undefined; head = this.#held[0]) {
      const signal = this.#release(head)
      if (signal === null) break
      signals.push(signal)
      this.#held.shift()
    }
    return signals
  }

  waits(): boolean {
    return frameIndex(this.#held, 'waiting') >= 0
  }

  depart({ crops }: { readonly crops: boolean }): Departure | null {
    const item = this.#held[frameIndex(this.#held, 'waiting')]
    if (item?.kind !== 'frame') return null
    const { frame } = item
    item.reused = this.#isReusable(frame)
    item.views = this.#memory.reusable(frame)
    const missing = this.#memory.missing(frame)
    const views = crops ? missing : missing.filter(({ kind }) => kind !== 'crop')
    const leftOut = missing.filter(view => !views.includes(view))
    this.#count(leftOut, 'load')
    item.uncounted = frame.views.filter(view => !leftOut.includes(view))
    const isReady = item.reused && views.length === 0
    item.state = isReady ? 'encoded' : 'flying'
    return isReady ? null : { frame, whole: !item.reused, views }
  }

  arrive(arrival: Arrival | null): void {
    const index = frameIndex(this.#held, 'flying')
    const item = this.#held[index]
    if (item?.kind !== 'frame') return
    if (arrival === null) {
      this.#count(
        item.views.map(({ view }) => view),
        'encoder',
      )
      this.#held.splice(index, 1)
      return
    }
    const { variant, embedding, views } = arrival
    if (embedding !== null) {
      this.#last = { embedding, variant }
      this.#embeddedNumber = item.number
    }
    this.#memory.keep(views, item.number)
    item.views = inOrder(item.frame, [...item.views, ...views])
    item.state = 'encoded'
  }

  discard(): void {
    const frames = this.#held.filter(item => item.kind === 'frame')
    for (const { uncounted } of frames) this.#count(uncounted, 'shutdown')
    const count = frames.length
    if (count > 0) this.#telemetry.emit({ type: 'FramesDropped', camera: this.#camera, reason: 'shutdown', count })
  }

  isLive(): boolean {
    return this.#live
  }

  isOver(): boolean {
    return !this.#live && this.#held.length === 0
  }

  #count(views: readonly PartialView[], outcome: ViewOutcome): void {
    countViews(this.#telemetry, this.#camera, views, outcome)
  }

  #hold(frame: MarkedFrame): boolean {
    this.#arrivals += 1
    this.#live = true
    if (!frame.still) this.#referenceNumber = this.#arrivals
    this.#memory.expect(frame, this.#arrivals)
    const index = frameIndex(this.#held, 'waiting')
    const [replaced] = index >= 0 ? this.#held.splice(index, 1) : []
    if (replaced?.kind === 'frame') this.#count(replaced.frame.views, 'stale')
    const number = this.#arrivals
    this.#held.push({
      kind: 'frame',
      frame,
      number,
      state: 'waiting',
      reused: false,
      views: [],
      uncounted: frame.views,
    })
    return replaced !== undefined
  }

  #isReusable({ still }: MarkedFrame): boolean {
    return still && this.#last !== null && this.#embeddedNumber >= this.#referenceNumber
  }

  #release(item: Held): Signal<EncodedFrame> | null {
    if (item.kind === 'status') {
      // The next frame may show a completely different scene.
      if (item.status.state !== 'online') {
        this.#last = null
        this.#memory.clear()
      }
      return item.status
    }
    const { frame } = item
    if (item.state === 'waiting' && this.#isReusable(frame) && this.#memory.missing(frame).length === 0) {
      item.state = 'encoded'
      item.reused = true
      item.views = this.#memory.reusable(frame)
    }
    if (item.state !== 'encoded' || this.#last === null) return null
    if (item.reused) this.#telemetry.emit({ type: 'FrameSkipped', camera: this.#camera })
    this.#count(
      item.views.flatMap(({ view, reused }) => (reused ? view : [])),
      'unchanged',
    )
    return { kind: 'frame', frame, ...this.#last, reused: item.reused, views: item.views }
  }
}

function inOrder({ views }: MarkedFrame, encoded: readonly EncodedView[]): EncodedView[] {
  return views.flatMap(({ id }) => encoded.find(({ view }) => view.id === id) ?? [])
}

function frameIndex(held: readonly Held[], state: 'waiting' | 'flying'): number {
  return held.findIndex(item => item.kind === 'frame' && item.state === state)
}

/** Statuses that may wait behind a frame; beyond that the newest replaces the last. A stuck encoder must not fill memory. */
const MOST_STATUSES = 8

function holdStatus(held: Held[], status: CameraStatus): void {
  const tail = held.slice(-MOST_STATUSES)
  const full = tail.length === MOST_STATUSES && tail.every(item => item.kind === 'status')
  if (full) held.pop()
  held.push({ kind: 'status', status })
}
