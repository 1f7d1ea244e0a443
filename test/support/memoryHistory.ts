/** A history in memory, and helpers that make its moments. */

import type { CameraHistory, HistoryHit, HistoryQuery, HistoryRange, HistoryReader } from '../../src/history/history.ts'
import { wholeView } from '../../src/operators/views/wholeView.ts'
import type { EncodedFrame, MarkedFrame, PartialView, Signal } from '../../src/types.ts'
import { dot } from '../../src/util/vector.ts'
import { frame } from './frames.ts'

export interface MemoryHistory extends HistoryReader {
  /** How many signals were read so far. */
  readonly reads: () => number
  readonly isClosed: () => boolean
}

export interface MemoryHistoryOptions {
  /** `camera/at/view` → JPEG. */
  readonly thumbnails?: ReadonlyMap<string, Uint8Array>
}

/** @param signals in order of time per camera; frames need neither pixels nor JPEG */
export function memoryHistory(
  signals: readonly Signal<EncodedFrame>[],
  { thumbnails = new Map() }: MemoryHistoryOptions = {},
): MemoryHistory {
  let reads = 0
  let closed = false
  const framesOf = (camera: string) =>
    signals.filter((signal): signal is EncodedFrame => signal.kind === 'frame' && signal.frame.camera === camera)
  const names = [...new Set(signals.map(cameraOf))]
  return {
    reads: () => reads,
    isClosed: () => closed,
    cameras: async () =>
      names.flatMap(camera => {
        const frames = framesOf(camera)
        return frames.length === 0 ? [] : [historyOf(camera, frames)]
      }),
    async *read({ camera, from, to }: HistoryRange) {
      for (const signal of signals) {
        const at = timeOf(signal)
        if (cameraOf(signal) !== camera || at < from || at >= to) continue
        reads += 1
        yield signal
      }
    },
    search: async query => searched(names.flatMap(framesOf), query),
    thumbnail: async (camera, at, view) => thumbnails.get(`${camera}/${at}/${view}`) ?? null,
    close: async () => {
      closed = true
    },
  }
}

/** A stored frame: what is shown, and when. */
export function moment(
  camera: string,
  at: number,
  embedding: Float32Array | readonly number[],
  { views = [], ...rest }: Partial<Omit<MarkedFrame, 'views'>> & { readonly views?: EncodedFrame['views'] } = {},
): EncodedFrame {
  const vector = embedding instanceof Float32Array ? embedding : Float32Array.from(embedding)
  return {
    kind: 'frame',
    frame: { ...frame(camera, at, { ...rest, views: views.map(({ view }) => view) }), pixels: new Uint8Array(0) },
    embedding: vector,
    variant: 'fake',
    reused: false,
    views,
  }
}

/** A crop or zone of a stored frame. */
export function momentView(
  id: string,
  embedding: Float32Array | readonly number[],
  rest: Partial<PartialView> = {},
): EncodedFrame['views'][number] {
  const box = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 }
  return {
    view: {
      id,
      kind: id.startsWith('zone-') ? 'zone' : 'crop',
      box,
      subject: box,
      zones: {},
      motion: 0,
      settled: 0,
      still: false,
      pixels: new Uint8Array(0),
      ...rest,
    },
    embedding: embedding instanceof Float32Array ? embedding : Float32Array.from(embedding),
    reused: false,
  }
}

/** Moments every `everyMs`, one for each embedding. */
export function moments(
  camera: string,
  embeddings: readonly (Float32Array | readonly number[])[],
  { from = 0, everyMs = 1000 }: { readonly from?: number; readonly everyMs?: number } = {},
): EncodedFrame[] {
  return embeddings.map((embedding, i) => moment(camera, from + i * everyMs, embedding))
}

function historyOf(camera: string, frames: readonly EncodedFrame[]): CameraHistory {
  const times = frames.map(({ frame: { capturedAt } }) => capturedAt)
  return {
    camera,
    from: times.reduce((least, at) => Math.min(least, at)),
    to: times.reduce((most, at) => Math.max(most, at)),
    frames: frames.length,
    vectors: new Set(frames.flatMap(({ embedding, views }) => [embedding, ...views.map(view => view.embedding)])).size,
    bytes: 0,
  }
}

function searched(frames: readonly EncodedFrame[], query: HistoryQuery): HistoryHit[] {
  const { direction, cameras, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, limit } = query
  const hits = new Map<Float32Array, HistoryHit>()
  for (const { frame, embedding, views } of frames) {
    const { camera, capturedAt: at } = frame
    if ((cameras && !cameras.includes(camera)) || at < from || at >= to) continue
    for (const seen of [{ view: wholeView(frame), embedding }, ...views]) {
      const before = hits.get(seen.embedding)
      const { id: view, subject: box } = seen.view
      const fresh = { camera, at, until: at, view, box, value: dot(direction, seen.embedding) }
      hits.set(seen.embedding, before === undefined ? fresh : { ...before, until: at })
    }
  }
  return [...hits.values()].sort((a, b) => b.value - a.value || a.at - b.at).slice(0, limit)
}

function cameraOf(signal: Signal<EncodedFrame>): string {
  return signal.kind === 'status' ? signal.camera : signal.frame.camera
}

function timeOf(signal: Signal<EncodedFrame>): number {
  return signal.kind === 'status' ? signal.at : signal.frame.capturedAt
}
