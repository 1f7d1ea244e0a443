/** A process to be killed: stores frames of one camera without end, and says how many its history has taken. Argument: data directory. */

import { setTimeout as sleep } from 'node:timers/promises'
import { openHistoryWriter } from '../../src/history/openHistoryWriter.ts'
import { MODEL, seen, unit } from './historyFrames.ts'
import { say } from './say.ts'

const [, , dataDir = ''] = process.argv
const writer = openHistoryWriter({
  dataDir,
  model: MODEL,
  maxAgeMs: 7 * 86_400_000,
  maxBytes: 2e9,
  thumbnails: false,
  holdMs: 0,
  telemetry: { emit: event => void (event.type === 'HistoryStored' && say('stored', event.frames)) },
  health: { failed: error => say('failed', String(error)), worked: () => {} },
})
say('opened')
for (let i = 0; ; i++) {
  writer.take(seen('gate', Date.now(), unit(i), { seq: i }))
  await sleep(1)
}
