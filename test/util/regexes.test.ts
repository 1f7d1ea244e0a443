/** No pattern of the product takes more than linear time on a text that others may send. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { type FoundRegex, regexesOf } from '../support/regexes.ts'
import { sourceFiles } from '../support/sourceFiles.ts'

/** A bound against hanging: all patterns together take a few seconds. */
const BOUND_MS = 50_000

/** @returns the patterns that take more than linear time, each with the text that shows it */
async function superLinear(found: readonly FoundRegex[]): Promise<string[]> {
  const written = found.filter(({ pattern }) => pattern !== null)
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/regexChild.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: BOUND_MS,
    killSignal: 'SIGKILL',
  })
  child.stdin.end(JSON.stringify(written.map(({ pattern }) => pattern)))
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const lines = output.split('\n').filter(line => line.endsWith('}'))
  const answers = lines.map(line => JSON.parse(line) as { index: number; slow?: object | null })
  return written.flatMap(({ place, pattern }, index) => {
    const slow = answers.find(answer => answer.index === index && answer.slow !== undefined)?.slow
    if (slow === null) return []
    return `${place} /${pattern?.source}/${pattern?.flags}: ${slow ? JSON.stringify(slow) : 'not finished'}`
  })
}

const own = sourceFiles().flatMap(({ path, text }) => regexesOf(path, text))

it('every pattern is written out, so that it can be judged', () => {
  expect(own.length).toBeGreaterThan(50)
  expect(own.filter(({ pattern }) => pattern === null).map(({ place }) => place)).toEqual([])
})

it('every pattern takes linear time on 16 and 64 KB of its own alphabet', async () => {
  expect(await superLinear(own)).toEqual([])
})

it.each([
  ['two repeats side by side', String.raw`const a = /\s*\n\s*/g`],
  ['a repeat to an end that is not there', String.raw`const a = /\?.*$/`],
  ['a keyword among three repeats', String.raw`const a = /([?&][^=&\s]*(?:pass|key)[^=&\s]*=)[^&]+/gi`],
  ['a repeat within a repeat', 'const a = /^(?:a+)+$/'],
  ['two repeats between anchors', String.raw`const a = new RegExp('^\\d+\\d*x$')`],
])('this test finds %s', async (_, source) => {
  expect(await superLinear(regexesOf('a.ts', source))).toHaveLength(1)
})
