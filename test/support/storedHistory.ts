/** Batches for the thread's side of the history, and what a reader finds. */

import type { CameraAppender } from '../../src/history/cameraAppender.ts'
import type { HistoryReader } from '../../src/history/history.ts'
import { openHistoryReader } from '../../src/history/openHistoryReader.ts'
import { type HistoryModel, NO_VECTOR, type StoredFrame } from '../../src/history/storedFrame.ts'
import type { EncodedFrame, Signal } from '../../src/types.ts'
import { WHOLE_IMAGE } from '../../src/util/polygon.ts'

/** A frame whose whole image has this vector of its batch. */
export function storedFrame(at: number, vector: number = NO_VECTOR): StoredFrame {
  const whole = { id: 'whole', kind: 'whole', box: WHOLE_IMAGE, subject: WHOLE_IMAGE, zones: {}, vector } as const
  const views = [{ ...whole, motion: 0, settled: 0, still: false, reused: false }]
  return { kind: 'frame', at, seq: at, size: 2, problem: null, light: 'day', views }
}

/** Appends one frame with a vector of its own. */
export function appendFrame(appender: CameraAppender, at: number, vector: Float32Array): void {
  appender.append({ signals: [storedFrame(at, 0)], vectors: Float32Array.from(vector) })
}

export async function readAll(reader: Pick<HistoryReader, 'read'>, camera = 'gate'): Promise<Signal<EncodedFrame>[]> {
  const all: Signal<EncodedFrame>[] = []
  for await (const signal of reader.read({ camera, from: 0, to: Number.MAX_SAFE_INTEGER })) all.push(signal)
  return all
}

/** Capture times of the frames that a new reader finds, and what it reports. */
export async function readTimes(dataDir: string, model: HistoryModel, camera = 'gate') {
  const reports: string[] = []
  const reader = openHistoryReader({ dataDir, model, report: line => reports.push(line) })
  const all = await readAll(reader, camera)
  await reader.close()
  return { times: all.flatMap(signal => (signal.kind === 'frame' ? [signal.frame.capturedAt] : [])), reports }
}
