import { expect, test } from 'vitest'
import { explainEnding } from '../../src/sources/loss.ts'

const ran = { ranForMs: 100, socketTimeoutMs: 5000 }
const exit = (code: number | null, signal: NodeJS.Signals | null = null) => ({ code, signal, failure: null })

// Lines that ffmpeg 5.1 and 4.1 wrote against real servers.
test.each([
  ['pipe:0: Server returned 401 Unauthorized (authorization failed)', 'auth'],
  ['[rtsp @ 0x1] method DESCRIBE failed: 404 Not Found', 'not-found'],
  ['[tcp @ 0x1] Failed to resolve hostname cam.invalid: Name or service not known', 'not-found'],
  ['[tcp @ 0x1] Connection to tcp://127.0.0.1:1?timeout=0 failed: Connection refused', 'refused'],
  ['rtsp://10.0.0.1/: No route to host', 'refused'],
  ['pipe:0: Connection timed out', 'timeout'],
  ['pipe:0: Invalid data found when processing input', 'garbage'],
  ["Stream specifier ':V:0' in filtergraph description [0:V:0]select=… matches no streams.", 'garbage'],
  ['something never seen before', 'crash'],
])('%j is a loss by %s', (line, reason) => {
  expect(explainEnding({ exit: exit(1), lastWords: [line], pictures: 0, ...ran }).reason).toBe(reason)
})

test('ending with 0 unasked is a loss, whatever was said before', () => {
  const ending = { exit: exit(0), lastWords: ['error 404 in macroblock', 'timed out'], pictures: 12, ...ran }
  expect(explainEnding(ending)).toEqual({ reason: 'eof', detail: 'the stream ended (ffmpeg: timed out)' })
})

test('a `hwaccel` that is not there is named: ffmpeg’s own words don’t say where it comes from', () => {
  for (const line of [
    'Unrecognized hwaccel: nonsense.',
    'Device setup failed for decoder on input stream #0:0 : Generic error in an external library',
  ])
    expect(explainEnding({ exit: exit(1), lastWords: [line, 'Supported …'], pictures: 0, ...ran })).toEqual({
      reason: 'crash',
      detail: expect.stringMatching(/`hwaccel`.* or none \(ffmpeg: Supported …\)$/),
    })
})

test('a signal is a crash, and so is a program that is not there', () => {
  expect(explainEnding({ exit: exit(null, 'SIGSEGV'), lastWords: [], pictures: 3, ...ran })).toEqual({
    reason: 'crash',
    detail: 'ffmpeg was ended by SIGSEGV',
  })
  const failure = { code: 'ENOENT', message: 'spawn ffmpeg ENOENT' }
  expect(explainEnding({ exit: { ...exit(null), failure }, lastWords: [], pictures: 0, ...ran }).reason).toBe('crash')
})

test('invalid data after the whole socket timeout is an answer that never came', () => {
  const ending = { exit: exit(1), lastWords: ['pipe:0: Invalid data found when processing input'], pictures: 0 }
  expect(explainEnding({ ...ending, ranForMs: 5100, socketTimeoutMs: 5000 }).reason).toBe('timeout')
  expect(explainEnding({ ...ending, ranForMs: 5100, socketTimeoutMs: null }).reason).toBe('garbage')
})

test('what a person can mend is said without the words of ffmpeg', () => {
  const ending = { exit: exit(1), lastWords: ['pipe:0: Server returned 401 Unauthorized'], pictures: 0, ...ran }
  expect(explainEnding(ending).detail).toBe('the camera refused user or password')
  expect(explainEnding({ ...ending, lastWords: ['pipe:0: Protocol error'] }).detail).toBe(
    'what it sends is not video (ffmpeg: pipe:0: Protocol error)',
  )
})
