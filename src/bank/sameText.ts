/** Whether two event texts score alike: a reload makes new objects of unchanged phrases. */

import type { EventText } from '../scoringTypes.ts'

export function sameText(a: EventText, b: EventText): boolean {
  return (
    a === b ||
    (sameVector(a.positive, b.positive) &&
      sameVectors(a.contrast, b.contrast) &&
      sameVectors(a.levels ?? [], b.levels ?? []))
  )
}

function sameVectors(a: readonly Float32Array[], b: readonly Float32Array[]): boolean {
  return a.length === b.length && a.every((vector, i) => sameVector(vector, b[i] as Float32Array))
}

function sameVector(a: Float32Array, b: Float32Array): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]))
}
