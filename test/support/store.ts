/** Journal and outbox as `run` joins them, with bounds that no test reaches: for children that are killed. */

import { join } from 'node:path'
import { openJournal } from '../../src/sinks/journal.ts'
import { openOutbox } from '../../src/sinks/mqtt/outbox.ts'
import type { Telemetry } from '../../src/telemetry/internalEvents.ts'

/** In this folder: events.jsonl and outbox.log. */
export async function openStore(dir: string, telemetry: Telemetry) {
  const journal = openJournal({ path: join(dir, 'events.jsonl'), maxBytes: 1e9, keep: 1, telemetry })
  const outbox = await openOutbox({
    path: join(dir, 'outbox.log'),
    maxMessages: 10_000,
    maxBytes: 1e9,
    maxAgeMs: 1e12,
    telemetry,
    record: journal.record,
  })
  return { journal, outbox }
}
