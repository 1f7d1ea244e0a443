/**
 * Frames and statuses of one camera → a few bytes each; `unpackSignals` is the way back. Times are kept to the
 * microsecond, boxes to 1/65536 of the image, all other numbers exactly.
 */

import type { Box, ImageProblem, Light, ViewKind } from '../types.ts'
import { type ByteWriter, byteWriter } from './byteWriter.ts'
import type { StoredFrame, StoredSignal, StoredView } from './storedFrame.ts'

export const PROBLEMS: readonly (ImageProblem | null)[] = [null, 'frozen', 'dark']
export const LIGHTS: readonly Light[] = ['day', 'night', 'infrared']
export const KINDS: readonly ViewKind[] = ['whole', 'crop', 'zone']
export const BOX_STEPS = 65_536
const EDGES = ['x', 'y', 'width', 'height'] as const
/** First byte of a status; frames have smaller ones. */
export const STATUS = 255

/** What the next frame or view is compared with: the same numbers on both ways. */
export interface Before {
  at: number
  seq: number
  size: number
  readonly views: Map<string, { vector: number; box: readonly number[]; subject: readonly number[] }>
  readonly texts: string[]
}

export function nothingBefore(): Before {
  return { at: 0, seq: 0, size: 0, views: new Map(), texts: [] }
}

export function packSignals(signals: readonly StoredSignal[]): Uint8Array<ArrayBuffer> {
  const writer = byteWriter()
  const before = nothingBefore()
  for (const signal of signals) {
    if (signal.kind === 'status') {
      writer.byte(STATUS)
      writer.text(JSON.stringify(signal))
    } else packFrame(writer, signal, before)
  }
  return writer.bytes()
}

function packFrame(writer: ByteWriter, frame: StoredFrame, before: Before): void {
  writer.byte(PROBLEMS.indexOf(frame.problem) | (LIGHTS.indexOf(frame.light) << 2))
  const at = Math.round(frame.at * 1000)
  writer.signed(at - before.at)
  writer.signed(frame.seq - before.seq)
  writer.signed(frame.size - before.size)
  Object.assign(before, { at, seq: frame.seq, size: frame.size })
  writer.whole(frame.views.length)
  for (const view of frame.views) packView(writer, view, before)
}

function packView(writer: ByteWriter, view: StoredView, before: Before): void {
  packName(writer, view.id, before.texts)
  const known = before.views.get(view.id) ?? { vector: 0, box: [0, 0, 0, 0], subject: [0, 0, 0, 0] }
  const next = { vector: view.vector, box: steps(view.box), subject: steps(view.subject) }
  const isSamePlace = isEqual(next.box, known.box) && isEqual(next.subject, known.subject)
  writer.byte(
    KINDS.indexOf(view.kind) |
      (Number(view.still) << 2) |
      (Number(view.reused) << 3) |
      (Number(isSamePlace) << 4) |
      (Number(view.motion !== 0) << 5) |
      (Number(view.settled !== 0) << 6),
  )
  writer.signed(view.vector - known.vector)
  if (!isSamePlace)
    for (const part of ['box', 'subject'] as const)
      for (let i = 0; i < EDGES.length; i++) writer.signed((next[part][i] ?? 0) - (known[part][i] ?? 0))
  if (view.motion !== 0) writer.real(view.motion)
  if (view.settled !== 0) writer.real(view.settled)
  const zones = Object.entries(view.zones)
  writer.whole(zones.length)
  for (const [name, fraction] of zones) {
    packName(writer, name, before.texts)
    writer.real(fraction)
  }
  before.views.set(view.id, next)
}

/** A name is written out once, and is a number from then on. */
function packName(writer: ByteWriter, name: string, texts: string[]): void {
  const index = texts.indexOf(name)
  writer.whole(index < 0 ? texts.length : index)
  if (index >= 0) return
  writer.text(name)
  texts.push(name)
}

function steps(box: Box): number[] {
  return EDGES.map(edge => Math.round(box[edge] * BOX_STEPS))
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value === b[i])
}
