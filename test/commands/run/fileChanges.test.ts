import { expect, test } from 'vitest'
import { type FileLook, lookAgain, watchedFile } from '../../../src/commands/run/fileChanges.ts'

const old: FileLook = { ino: 1, size: 100, mtimeMs: 0 }

/** A look each second, beginning at second 1; the seconds at which the file is read. */
function readsAt(looks: readonly FileLook[]): number[] {
  let state = watchedFile(old, 0)
  return looks.flatMap((look, i) => {
    const [next, isComplete] = lookAgain(state, look, (i + 1) * 1000)
    state = next
    return isComplete ? [i + 1] : []
  })
}
const times = (look: FileLook, count: number) => Array.from({ length: count }, () => look)
const inPlace = (size: number): FileLook => ({ ino: 1, size, mtimeMs: size })
const moved: FileLook = { ino: 2, size: 50, mtimeMs: 7 }

test.each([
  ['nothing changes', times(old, 10), []],
  ['half, 2.5 s, the rest', [...times(inPlace(50), 3), ...times(inPlace(120), 8)], [8]],
  ['a little each second', [10, 20, 30, 40, 50].map(inPlace).concat(times(inPlace(60), 6)), [10]],
  ['moved into place', times(moved, 5), [2]],
  ['moved into place after a moment without the file', [null, ...times(moved, 4)], [3]],
  ['gone for good', times(null, 8), [5]],
  ['gone and back as it was', [null, ...times(old, 8)], []],
  ['written twice, each whole', [...times(inPlace(50), 6), ...times(inPlace(60), 6)], [5, 11]],
  ['touched', times({ ino: 1, size: 100, mtimeMs: 9 }, 6), [5]],
])('%s', (_name, looks, expected) => {
  expect(readsAt(looks)).toEqual(expected)
})
