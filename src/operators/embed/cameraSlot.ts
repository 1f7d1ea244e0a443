/** One camera's slot before the encoder: at most one frame waits and one is being encoded; statuses keep their place between them. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
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
  /** Frames held, waiting or being encoded. */
  frames(): number
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
  const held: Held[] = []
  const memory = rememberViews()
  let last: Embedded | null = null
  let live = false
  // Arrival numbers. A still frame shows the scene of the newest frame that was not still: the reference. It may use
  // the last embedding when that frame, or a later still one in its place, has been encoded.
  let arrivals = 0
  let referenceNumber = 0
  let embeddedNumber = -1

  const count = (views: Parameters<typeof countViews>[2], outcome: Parameters<typeof countViews>[3]) =>
    countViews(telemetry, camera, views, outcome)

  const hold = (frame: MarkedFrame): boolean => {
    arrivals += 1
    live = true
    if (!frame.still) referenceNumber = arrivals
    memory.expect(frame, arrivals)
    const index = frameIndex(held, 'waiting')
    const [replaced] = index >= 0 ? held.splice(index, 1) : []
    if (replaced?.kind === 'frame') count(replaced.frame.views, 'stale')
    held.push({
      kind: 'frame',
      frame,
      number: arrivals,
      state: 'waiting',
      reused: false,
      views: [],
      uncounted: frame.views,
    })
    return replaced !== undefined
  }

  const isReusable = ({ still }: MarkedFrame) => still && last !== null && embeddedNumber >= referenceNumber

  const release = (item: Held): Signal<EncodedFrame> | null => {
    if (item.kind === 'status') {
      // The next frame may show a completely different scene.
      if (item.status.state !== 'online') {
        last = null
        memory.clear()
      }
      return item.status
    }
    const { frame } = item
    if (item.state === 'waiting' && isReusable(frame) && memory.missing(frame).length === 0) {
      item.state = 'encoded'
      item.reused = true
      item.views = memory.reusable(frame)
    }
    if (item.state !== 'encoded' || last === null) return null
    if (item.reused) telemetry.emit({ type: 'FrameSkipped', camera })
    count(
      item.views.flatMap(({ view, reused }) => (reused ? view : [])),
      'unchanged',
    )
    return { kind: 'frame', frame, ...last, reused: item.reused, views: item.views }
  }

  return {
    push(signal) {
      if (signal.kind === 'frame') return hold(signal)
      live = signal.state === 'online'
      holdStatus(held, signal)
      return false
    },
    ready() {
      const signals: Signal<EncodedFrame>[] = []
      for (let head = held[0]; head !== undefined; head = held[0]) {
        const signal = release(head)
        if (signal === null) break
        signals.push(signal)
        held.shift()
      }
      return signals
    },
    waits: () => frameIndex(held, 'waiting') >= 0,
    depart({ crops }) {
      const item = held[frameIndex(held, 'waiting')]
      if (item?.kind !== 'frame') return null
      const { frame } = item
      item.reused = isReusable(frame)
      item.views = memory.reusable(frame)
      const missing = memory.missing(frame)
      const views = crops ? missing : missing.filter(({ kind }) => kind !== 'crop')
      const leftOut = missing.filter(view => !views.includes(view))
      count(leftOut, 'load')
      item.uncounted = frame.views.filter(view => !leftOut.includes(view))
      const isReady = item.reused && views.length === 0
      item.state = isReady ? 'encoded' : 'flying'
      return isReady ? null : { frame, whole: !item.reused, views }
    },
    arrive(arrival) {
      const index = frameIndex(held, 'flying')
      const item = held[index]
      if (item?.kind !== 'frame') return
      if (arrival === null) {
        count(
          item.views.map(({ view }) => view),
          'encoder',
        )
        held.splice(index, 1)
        return
      }
      const { variant, embedding, views } = arrival
      if (embedding !== null) {
        last = { embedding, variant }
        embeddedNumber = item.number
      }
      memory.keep(views, item.number)
      item.views = inOrder(item.frame, [...item.views, ...views])
      item.state = 'encoded'
    },
    frames: () => held.filter(item => item.kind === 'frame').length,
    discard() {
      for (const item of held) if (item.kind === 'frame') count(item.uncounted, 'shutdown')
      const frames = held.filter(item => item.kind === 'frame').length
      if (frames > 0) telemetry.emit({ type: 'FramesDropped', camera, reason: 'shutdown', count: frames })
    },
    isLive: () => live,
    isOver: () => !live && held.length === 0,
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
