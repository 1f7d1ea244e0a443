/** The outbox file of a test: in a folder of its own, without bounds that matter. */

import { join } from 'node:path'
import { beforeEach } from 'vitest'
import { type Outbox, openOutbox } from '../../src/sinks/mqtt/outbox.ts'
import { recordTelemetry } from './recordTelemetry.ts'
import { temporaryFolder } from './temporaryFolder.ts'

export const WIDE = { maxMessages: 1000, maxBytes: 1e9, maxAgeMs: 1e12 }

/** Call it once in a test file. */
export function useOutboxFile() {
  let dir: string
  beforeEach(() => {
    dir = temporaryFolder()
  })
  const pathOf = (name = 'outbox.log') => join(dir, name)
  return {
    folder: () => dir,
    pathOf,
    open: (path = pathOf(), telemetry = recordTelemetry()): Promise<Outbox> => openOutbox({ ...WIDE, path, telemetry }),
  }
}

/** Takes and settles all that waits; returns it as `type id reason`. */
export function drainOutbox(outbox: Outbox): string[] {
  const out: string[] = []
  for (let entry = outbox.next(); entry !== null; entry = outbox.next()) {
    const { type, after } = entry.change
    out.push(`${type} ${after.id}${after.endReason === null ? '' : ` ${after.endReason}`}`)
    outbox.settle(entry, true)
  }
  return out
}
