/** The frames and statuses that `packSignals` packed. */

import type { Box, CameraStatus, ViewKind } from '../types.ts'
import { byName } from '../util/byName.ts'
import { type ByteReader, byteReader } from './byteReader.ts'
import { type Before, BOX_STEPS, KINDS, LIGHTS, nothingBefore, PROBLEMS, STATUS } from './packSignals.ts'
import type { StoredFrame, StoredSignal, StoredView } from './storedFrame.ts'

/** @throws RangeError, SyntaxError for bytes that `packSignals` does not write */
export function unpackSignals(bytes: Uint8Array): StoredSignal[] {
  const reader = byteReader(bytes)
  const before = nothingBefore()
  const signals: StoredSignal[] = []
  while (!reader.isAtEnd()) {
    const first = reader.byte()
    signals.push(first === STATUS ? (JSON.parse(reader.text()) as CameraStatus) : unpackFrame(reader, first, before))
  }
  return signals
}

function unpackFrame(reader: ByteReader, flags: number, before: Before): StoredFrame {
  const [problem, light] = [PROBLEMS[flags & 3], LIGHTS[flags >> 2]]
  if (problem === undefined || light === undefined) throw new RangeError(`Expected a frame, got ${flags}`)
  before.at += reader.signed()
  before.seq += reader.signed()
  before.size += reader.signed()
  const views = Array.from({ length: bounded(reader.whole()) }, () => unpackView(reader, before))
  return { kind: 'frame', at: before.at / 1000, seq: before.seq, size: before.size, problem, light, views }
}

function unpackView(reader: ByteReader, before: Before): StoredView {
  const id = unpackName(reader, before.texts)
  const known = before.views.get(id) ?? { vector: 0, box: [0, 0, 0, 0], subject: [0, 0, 0, 0] }
  const flags = reader.byte()
  const kind = KINDS[flags & 3] as ViewKind
  const vector = known.vector + reader.signed()
  const edges = (from: readonly number[]) => (flags & 16 ? from : from.map(edge => edge + reader.signed()))
  const box = edges(known.box)
  const subject = edges(known.subject)
  const motion = flags & 32 ? reader.real() : 0
  const settled = flags & 64 ? reader.real() : 0
  const zones = Array.from(
    { length: bounded(reader.whole()) },
    () => [unpackName(reader, before.texts), reader.real()] as const,
  )
  before.views.set(id, { vector, box, subject })
  return {
    id,
    kind,
    box: boxOf(box),
    subject: boxOf(subject),
    zones: byName(zones),
    motion,
    settled,
    still: (flags & 4) !== 0,
    reused: (flags & 8) !== 0,
    vector,
  }
}

function unpackName(reader: ByteReader, texts: string[]): string {
  const index = reader.whole()
  if (index > texts.length) throw new RangeError(`Expected a known name, got number ${index}`)
  if (index === texts.length) texts.push(reader.text())
  return texts[index] as string
}

/** A wrong number must not ask for all memory. */
function bounded(count: number): number {
  if (count > 65_536) throw new RangeError(`Expected fewer than 65536 parts, got ${count}`)
  return count
}

function boxOf([x = 0, y = 0, width = 0, height = 0]: readonly number[]): Box {
  return { x: x / BOX_STEPS, y: y / BOX_STEPS, width: width / BOX_STEPS, height: height / BOX_STEPS }
}
