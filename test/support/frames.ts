/** Frames, scores and camera statuses for tests on virtual time. */

import { wholeView } from '../../src/operators/views/wholeView.ts'
import type { CameraStatus, EncodedFrame, Frame, MarkedFrame, ScoredFrame } from '../../src/types.ts'

const SIZE = 2

export function frame(camera: string, at: number, rest: Partial<MarkedFrame> = {}): MarkedFrame {
  return {
    kind: 'frame',
    camera,
    seq: at,
    capturedAt: at,
    pixels: new Uint8Array(SIZE * SIZE * 3),
    size: SIZE,
    jpeg: null,
    detail: null,
    zoneImages: new Map(),
    problem: null,
    motion: 0,
    settled: 0,
    still: false,
    light: 'day',
    views: [],
    ...rest,
  }
}

/** RGB pixels of a grey image: `grey` returns the level at a position, 0 to 255. */
export function image(size: number, grey: (x: number, y: number) => number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(size * size * 3)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      pixels.fill(Math.max(0, Math.min(255, Math.round(grey(x, y)))), (y * size + x) * 3, (y * size + x + 1) * 3)
  return pixels
}

export function imageFrame(at: number, pixels: Uint8Array<ArrayBuffer>, camera = 'a'): Frame {
  const { motion: _, settled: __, still: ___, light: ____, views: _____, ...rest } = frame(camera, at)
  return { ...rest, pixels, size: Math.sqrt(pixels.length / 3) }
}

export function encoded(camera: string, at: number, embedding: readonly number[] = [1, 0]): EncodedFrame {
  return {
    kind: 'frame',
    frame: frame(camera, at),
    embedding: Float32Array.from(embedding),
    variant: 'fake',
    reused: false,
    views: [],
  }
}

export function scored(
  camera: string,
  at: number,
  scores: Readonly<Record<string, number>>,
  rest: Partial<MarkedFrame> = {},
): ScoredFrame {
  const marked = frame(camera, at, rest)
  const views = [
    {
      view: wholeView(marked),
      pixels: null,
      embedding: new Float32Array(2),
      scores,
      rawScores: scores,
      judgements: {},
    },
  ]
  return { kind: 'frame', frame: marked, variant: 'fake', scores, rawScores: scores, views }
}

export function status(camera: string, at: number, state: CameraStatus['state']): CameraStatus {
  return { kind: 'status', camera, at, state, problem: null, reason: null, detail: null, retryInMs: null }
}
