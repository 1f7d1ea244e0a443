/**
 * The answers of a data directory: a file to which every process appends single lines, so that a command may answer while
 * `run` reads. Nothing is ever rewritten: what is damaged, or of another version, stays in the file and counts for nothing.
 */

import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../util/atomicWrite.ts'
import { systemCodeOf, WatchwordError } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { reasonOf, writeError } from '../util/writeError.ts'
import type { Answer } from './answer.ts'
import { type AnswerEntry, answerLine, parseAnswerLine } from './answerLine.ts'

/** What is read of the file's end: some 30,000 answers. */
const MOST_BYTES = 64 * 2 ** 20

export interface StoredAnswers {
  /** In force, in the order in which they were given. */
  readonly answers: readonly Answer[]
  /** Lines that are cut short or changed. */
  readonly damaged: number
  /** Intact lines that this version does not know. */
  readonly unknown: number
}

export interface Answers {
  readonly path: string
  /** Without a file there are none. @throws WatchwordError `file-unreadable` */
  read(): Promise<StoredAnswers>
  /** Replaces an earlier answer with the same id. @throws WatchwordError `disk-full`, `unwritable` */
  add(answer: Answer): Promise<void>
  /** Takes an answer back. @throws WatchwordError `disk-full`, `unwritable` */
  remove(id: string, removedAt: number): Promise<void>
  /** Differs from an earlier call when the file may have changed. Never rejects. */
  revision(): Promise<string>
}

/** Touches nothing on disk before the first call. */
export function openAnswers(dataDir: string): Answers {
  const path = join(dataDir, 'answers.jsonl')
  return {
    path,
    read: async () => {
      try {
        return answersOf(await readEnd(path))
      } catch (cause) {
        if (systemCodeOf(cause) === 'ENOENT') return { answers: [], damaged: 0, unknown: 0 }
        throw new WatchwordError(`Cannot read ${path}: ${reasonOf(cause)}`, { code: 'file-unreadable', cause })
      }
    },
    add: answer => append(path, { kind: 'answer', answer }),
    remove: (id, removedAt) => append(path, { kind: 'removal', id, removedAt }),
    revision: () =>
      stat(path).then(
        ({ ino, size, mtimeMs }) => `${ino}/${size}/${mtimeMs}`,
        error => systemCodeOf(error) ?? '',
      ),
  }
}

function answersOf(text: string): StoredAnswers {
  const answers = new Map<string, Answer>()
  let [damaged, unknown] = [0, 0]
  for (const line of text.split('\n')) {
    if (line === '') continue
    const entry = parseAnswerLine(line)
    if (entry === 'damaged') damaged++
    else if (entry === 'unknown') unknown++
    else {
      const id = entry.kind === 'answer' ? entry.answer.id : entry.id
      answers.delete(id)
      if (entry.kind === 'answer') answers.set(id, entry.answer)
    }
  }
  return { answers: [...answers.values()], damaged, unknown }
}

async function readEnd(path: string): Promise<string> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - MOST_BYTES)
    const text = (await readAt(handle, start, size - start)).toString('utf8')
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await handle.close()
  }
}

async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, start + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

/**
 * One write at the end of the file, which the system does not interleave with those of other processes. After a line that
 * was cut short by a kill or a full disk, a new line begins.
 */
async function append(path: string, entry: AnswerEntry): Promise<void> {
  try {
    await makeFolder(dirname(path), PRIVATE_FOLDER)
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, PRIVATE_FILE)
    try {
      const { size } = await handle.stat()
      const isCut = size > 0 && (await readAt(handle, size - 1, 1)).toString() !== '\n'
      await handle.appendFile(`${isCut ? '\n' : ''}${answerLine(entry)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw writeError(error, path)
  }
}
