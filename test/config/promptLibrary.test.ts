/** The prompt library: how its phrases are written, and that words recognise words. */

import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_BACKGROUND } from '../../src/clip/defaultPhrases.ts'
import { checkWords, type WordsCheck } from '../../src/commands/models/checkWords.ts'
import { phrasesOf } from '../../src/commands/watchStateOf.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { resolveEvents } from '../../src/config/resolveEvents.ts'
import { exportModel } from '../../src/onnx/exportModel.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

const library = readLibrary()
const names = Object.keys(library)
const configs = resolveEvents(names, library)
const events = phrasesOf(configs)

test.each(events)('no phrase of $event contains a negation, which CLIP does not understand', event => {
  const phrases = [...event.prompts, ...event.negativePrompts, ...(event.levels ?? []), ...DEFAULT_BACKGROUND]
  expect(phrases.filter(phrase => /\b(no|not|without|nobody|none|nothing|never)\b/i.test(phrase))).toEqual([])
})

/** The bundled model takes these for another event. */
const KNOWN_MISSES = new Set(['people walking']) // nearer to "people standing" than to the other prompts

describe('phrases taken as images, under the bundled model', () => {
  const modelDir = sharedFolder()
  let checks: ReadonlyMap<string, WordsCheck>
  beforeAll(async () => {
    await exportModel({
      checkpointDir: fileURLToPath(new URL('../../models/demo', import.meta.url)),
      outputDir: modelDir,
    })
    checks = new Map((await checkWords(modelDir)).map(check => [check.event, check]))
  }, 60_000)

  test.each(events)('$event starts with its own phrases', ({ event }) => {
    expect(checks.get(event)?.missed.filter(phrase => !KNOWN_MISSES.has(phrase))).toEqual([])
  })

  test.each(events)('$event does not start with its contrast phrases', ({ event }) => {
    expect(checks.get(event)?.falseStarts).toEqual([])
  })
})
