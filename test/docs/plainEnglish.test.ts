/** Text for users and developers uses plain words: docs, schema descriptions, help, messages and comments. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sourceFiles } from '../support/sourceFiles.ts'

/** Archaic or vague words, and words of a former private dialect. Names of the field replace them. */
const BANNED =
  /\b(told|aloud|mend|mends|mended|lest|anew|unsaid|whoever|nobody|somebody|anybody|given back|gives back|happenings?|watchdogs?)\b/i

/** The project's motto, systemd's and Home Assistant's own word, and houses in drawn scenes. */
const ALLOWED = [
  /get told when a camera sees it/,
  /watchdog(Ms|Sec|:|'?s? (restarts|on in))/i,
  /WATCHDOG/,
  /Supervisor.s watchdog/,
]

function offences(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const word = BANNED.exec(line)?.[1]
    return word === undefined || ALLOWED.some(allowed => allowed.test(line)) ? [] : [`${path}:${index + 1} ${word}`]
  })
}

const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.md'))
  .map(path => `docs/${path}`)
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', ...docs]

test('docs and schema use plain words', () => {
  const files = [...pages, 'config/watchword.schema.json', 'config/example.yaml']
  expect(files.flatMap(path => offences(path, readFileSync(path, 'utf8')))).toEqual([])
})

test('messages, help and comments use plain words', () => {
  const own = sourceFiles().filter(({ path }) => !path.endsWith('_pb.ts'))
  expect(own.flatMap(({ path, text }) => offences(path, text))).toEqual([])
})

test('prose of docs is at most 120 columns wide', () => {
  const wide = pages.flatMap(path => {
    let isCode = false
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        if (line.trimStart().startsWith('```')) isCode = !isCode
        const isProse = !isCode && !/^\s*(\||#|!\[|<)/.test(line)
        return isProse && line.length > 120 ? [`${path}:${index + 1}`] : []
      })
  })
  expect(wide).toEqual([])
})
