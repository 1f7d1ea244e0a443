import { expect, test } from 'vitest'
import { explainEnding } from '../../src/sources/sourceErrors.ts'

const exit = (code: number | null, signal: NodeJS.Signals | null = null) => ({ code, signal, failure: null })

/** ffmpeg ended with code 1 before its first frame, after these lines. */
const after = (...lines: string[]) => ({ exit: exit(1), lastLines: lines, finalLines: lines, frames: 0 })

// Lines that ffmpeg 5.1 and 4.1 wrote.
test.each([
  ['rtsp://127.0.0.1:1/x: Invalid data found when processing input', 'invalid-data', 'camera-invalid-data'],
  [
    "Stream specifier ':V:0' in filtergraph description [0:V:0]select=… matches no streams.",
    'invalid-data',
    'camera-invalid-data',
  ],
  [
    '[h264 @ 0x1] Picture size 16000x16000 exceeds specified max pixel count 35651584',
    'invalid-data',
    'image-too-large',
  ],
  ['Error while decoding stream #0:0: Cannot allocate memory', 'crash', 'out-of-memory'],
  ['something never seen before', 'crash', 'camera-crash'],
])('%j is a loss by %s, %s', (line, reason, code) => {
  expect(explainEnding(after(line))).toMatchObject({ reason, code })
})

test('an end with code 0 that Watchword did not request is a loss, and an old error is not quoted as its cause', () => {
  const lines = { lastLines: ['error 404 in macroblock', 'timed out'], finalLines: [] }
  expect(explainEnding({ exit: exit(0), ...lines, frames: 12 })).toMatchObject({
    reason: 'eof',
    detail: 'the stream ended',
  })
})

test('after frames only the lines of the last second say why ffmpeg ended', () => {
  const lines = { lastLines: ['Cannot allocate memory', 'bad header'], finalLines: ['bad header'] }
  expect(explainEnding({ exit: exit(1), ...lines, frames: 12 })).toMatchObject({
    reason: 'eof',
    detail: 'the stream ended (ffmpeg: bad header)',
  })
})

test('a missing `hwaccel` is named, because ffmpeg’s own text does not say where it comes from', () => {
  for (const line of [
    'Unrecognized hwaccel: nonsense.',
    'Device setup failed for decoder on input stream #0:0 : Generic error in an external library',
  ])
    expect(explainEnding(after(line, 'Supported …'))).toMatchObject({
      reason: 'crash',
      detail: expect.stringMatching(/`hwaccel`.* or none \(ffmpeg: Supported …\)$/),
    })
})

test('a signal is a crash, and so is a program that is not there, or no file descriptor for it', () => {
  expect(explainEnding({ ...after(), exit: exit(null, 'SIGSEGV'), frames: 3 })).toMatchObject({
    reason: 'crash',
    detail: 'ffmpeg was ended by SIGSEGV',
  })
  const failed = (code: string) =>
    explainEnding({ ...after(), exit: { ...exit(null), failure: { code, message: `spawn ffmpeg ${code}` } } })
  expect(failed('ENOENT')).toMatchObject({ reason: 'crash', detail: 'Cannot start ffmpeg: spawn ffmpeg ENOENT' })
  expect(failed('EMFILE')).toMatchObject({
    reason: 'crash',
    code: 'too-many-files',
    detail: 'too many open files (EMFILE): raise the limit, `ulimit -n`',
  })
})
