/** Finds an event by its id in the journal. */

import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { nearest } from '../../util/didYouMean.ts'
import { systemCodeOf, WatchwordError } from '../../util/errors.ts'
import { parseJson } from '../../util/parseJson.ts'
import { shorten } from '../../util/shorten.ts'

const changeSchema = z.object({
  after: z.object({
    id: z.string(),
    camera: z.string(),
    event: z.string(),
    top_score: z.number().min(0).max(1),
    /** Seconds since the epoch. */
    top_time: z.number(),
    where: z
      .object({
        box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        view: z.enum(['whole', 'crop', 'zone']),
      })
      .nullish(),
  }),
})

/** As the journal has it after the event's last change. */
export type JournaledEvent = z.infer<typeof changeSchema>['after']

/** How many known ids a message names. */
const MOST_LISTED = 3

/** @throws WatchwordError `event-id-unknown` */
export async function findEvent(id: string, journalPath: string): Promise<JournaledEvent> {
  const recent: string[] = []
  for (const path of await journalFiles(journalPath)) {
    let found: JournaledEvent | null = null
    for await (const event of eventsOf(path)) {
      if (event.id === id) found = event
      if (recent.at(-1) !== event.id) recent.push(event.id)
    }
    if (found !== null) return found
  }
  throw unknownEvent(id, [...new Set(recent)], journalPath)
}

function unknownEvent(id: string, known: readonly string[], journalPath: string): WatchwordError {
  const near = nearest(id, known)
  const newest = [...known].sort().slice(-MOST_LISTED).reverse()
  const hint = near !== null ? `Did you mean ${near}?` : `The newest events are ${newest.join(', ')}`
  return new WatchwordError(`There is no event ${shorten(id, 80)} in ${journalPath}`, {
    code: 'event-id-unknown',
    hint: known.length === 0 ? 'The journal has no events yet; see `journal` in the config' : hint,
  })
}

/** The journal, then older ones. */
async function journalFiles(path: string): Promise<string[]> {
  const older = (await readdir(dirname(path)).catch(() => [])).filter(name => name.startsWith(`${basename(path)}.`))
  const numbers = older.map(name => Number(name.slice(basename(path).length + 1))).filter(Number.isInteger)
  return [path, ...numbers.sort((a, b) => a - b).map(number => join(dirname(path), `${basename(path)}.${number}`))]
}

/** Lines that are no changes are skipped. */
async function* eventsOf(path: string): AsyncGenerator<JournaledEvent> {
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const change = changeSchema.safeParse(parseJson(line)).data
      if (change !== undefined) yield change.after
    }
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw unreadable(path, error)
  }
}

function unreadable(path: string, cause: unknown): WatchwordError {
  return new WatchwordError(`Cannot read ${path}: ${systemCodeOf(cause) ?? String(cause)}`, {
    code: 'file-unreadable',
    cause,
  })
}
