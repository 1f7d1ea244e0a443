/** Fills a history with random vectors, a day a segment, for searches of a stated size. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { encodeChunk } from '../src/history/chunks.ts'
import { encodeHead, type SegmentPart } from '../src/history/segmentHead.ts'
import { segmentFolder, segmentPath } from '../src/history/segments.ts'
import type { HistoryModel } from '../src/history/storedFrame.ts'
import { encodeRow } from '../src/history/vectorRows.ts'
import { createRandom } from '../src/util/random.ts'
import { storedFrame } from '../test/support/storedHistory.ts'

export interface Filling {
  readonly cameras: number
  readonly days: number
  readonly vectorsPerDay: number
}

const DAY_MS = 86_400_000
const CHUNK = 512
/** Rows are drawn from this many vectors: drawing each would take minutes. */
const VARIETY = 4096

export function fillHistory(dataDir: string, model: HistoryModel, { cameras, days, vectorsPerDay }: Filling): void {
  const random = createRandom('history')
  const half = () => (random.chance(0.5) ? 0x8000 : 0) | random.integer(0x2400, 0x2c00)
  const vectors = Array.from({ length: VARIETY }, () => Uint16Array.from({ length: model.dim }, half))
  for (let camera = 0; camera < cameras; camera++)
    for (let day = 0; day < days; day++) {
      const [name, start] = [`camera${camera}`, day * DAY_MS]
      const folder = segmentFolder(dataDir, name, model)
      mkdirSync(folder, { recursive: true })
      const write = (part: SegmentPart, records: readonly Uint8Array[]) =>
        writeFileSync(
          segmentPath({ folder, start }, part),
          Buffer.concat([encodeHead({ ...model, camera: name, start, part }), ...records]),
        )
      const timeOf = (row: number) => start + Math.floor((row * DAY_MS) / vectorsPerDay)
      const rows = Array.from({ length: vectorsPerDay }, (_, row) =>
        encodeRow(vectors[random.integer(0, VARIETY - 1)] ?? new Uint16Array(model.dim), timeOf(row) - start),
      )
      write('vectors', rows)
      const chunks: Uint8Array[] = []
      for (let firstRow = 0; firstRow < vectorsPerDay; firstRow += CHUNK) {
        const endRow = Math.min(vectorsPerDay, firstRow + CHUNK)
        const signals = Array.from({ length: endRow - firstRow }, (_, i) =>
          storedFrame(timeOf(firstRow + i), firstRow + i),
        )
        chunks.push(encodeChunk({ signals, firstRow, endRow }))
      }
      write('frames', chunks)
    }
}
