/** Asks a person about moments of the past, with a picture file for each. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { HistoryReader } from '../../history/history.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import type { Reply } from '../../trial/interview.ts'
import type { Candidate } from '../../trial/trialTypes.ts'
import { howLong } from '../past/howLong.ts'
import { localTime } from '../past/localTime.ts'
import { writeFiles } from '../writeFiles.ts'

export interface PersonDeps {
  readonly input: NodeJS.ReadableStream
  readonly output: { write(text: string): unknown }
}

export interface PersonOptions {
  readonly reader: Pick<HistoryReader, 'thumbnail'>
  /** What is asked: `a van at the gate`. */
  readonly phrase: string
  /** Most questions. */
  readonly questions: number
  /** Folder of the pictures; null: a temporary one that `close` removes. */
  readonly outputDir: string | null
}

export interface Person {
  ask(moment: Candidate, number: number): Promise<Reply>
  close(): Promise<void>
}

const REPLIES = new Map<string, Reply>([
  ['y', true],
  ['yes', true],
  ['n', false],
  ['no', false],
  ['s', 'skip'],
  ['skip', 'skip'],
  ['q', 'stop'],
  ['quit', 'stop'],
])

export async function askPerson(options: PersonOptions, { input, output }: PersonDeps): Promise<Person> {
  const { reader, phrase, questions, outputDir } = options
  const folder = outputDir ?? (await mkdtemp(join(tmpdir(), 'watchword-trial-')))
  const lines = createInterface({ input, terminal: false })
  const answers = lines[Symbol.asyncIterator]()
  return {
    async ask(moment, number) {
      const { camera, topTime, topScore, startTime, endTime } = moment
      const files = await writePictures(reader, moment, join(folder, `question-${number}`))
      const facts = [camera, localTime(topTime), `score ${topScore.toFixed(2)}`, howLong(endTime - startTime)]
      output.write(`\n${number} of at most ${questions}: ${facts.join(', ')}\n`)
      output.write(files.length === 0 ? '  no picture is stored\n' : files.map(file => `  ${file}\n`).join(''))
      for (;;) {
        output.write(`Does it show “${phrase}”? [y]es, [n]o, [s]kip, [q]uit: `)
        const line = await answers.next()
        const reply = line.done ? 'stop' : REPLIES.get(line.value.trim().toLowerCase())
        if (line.done) output.write('\n')
        if (reply !== undefined) return reply
      }
    },
    async close() {
      lines.close()
      if (outputDir === null) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The whole image, and the view that showed it. @returns paths */
export async function writePictures(
  reader: Pick<HistoryReader, 'thumbnail'>,
  { camera, topTime, seen }: Candidate,
  folder: string,
): Promise<string[]> {
  const views = [...new Set([WHOLE_VIEW, seen?.view ?? WHOLE_VIEW])]
  const at = seen?.at ?? topTime
  const pictures = await Promise.all(views.map(view => reader.thumbnail(camera, at, view)))
  const files = views.flatMap((view, i) => (pictures[i] ? [[`${view}.jpg`, pictures[i] as Uint8Array] as const] : []))
  if (files.length > 0) await writeFiles(folder, Object.fromEntries(files))
  return files.map(([name]) => join(folder, name))
}
