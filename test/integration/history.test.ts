/**
 * kill -9 of a process that stores: what it said was stored is there, a reader beside it never sees half a record.
 * Longer: HISTORY_KILLS=100.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openHistoryReader } from '../../src/history/openHistoryReader.ts'
import { createRandom } from '../../src/util/random.ts'
import { dot } from '../../src/util/vector.ts'
import { startChild } from '../support/child.ts'
import { MODEL, unit } from '../support/historyFrames.ts'
import { readAll } from '../support/storedHistory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const KILLS = Number(process.env.HISTORY_KILLS ?? 3)

test(`${KILLS} kills: what was stored is there, whole and in order, and every run goes on`, {
  timeout: 60_000 + KILLS * 20_000,
}, async () => {
  const dataDir = temporaryFolder()
  const random = createRandom('kills')
  const reports: string[] = []
  const reader = openHistoryReader({ dataDir, model: MODEL, report: line => reports.push(line) })
  let stored = 0
  for (let run = 0; run < KILLS; run++) {
    const child = startChild('test/support/historyChild.ts', [dataDir])
    await child.says('stored', 30_000)
    const until = performance.now() + random.between(0, 3000)
    while (performance.now() < until) {
      expectWhole(await readAll(reader))
      await sleep(50)
    }
    child.kill('SIGKILL')
    await child.ended
    const said = child.lines.filter(line => line.startsWith('stored')).map(line => Number(line.split(' ')[1]))
    expect(child.lines.filter(line => line.startsWith('failed'))).toEqual([])
    stored += said.reduce((sum, count) => sum + count, 0)
    const found = expectWhole(await readAll(reader))
    expect(found, `after kill ${run + 1}`).toBeGreaterThanOrEqual(stored)
    // The last batch may be on disk without having been reported.
    stored = found
  }
  expect(reports).toEqual([])
  const [best] = await reader.search({ direction: unit(3), limit: 1 })
  expect(best?.value).toBeCloseTo(1, 3)
  await reader.close()
})

/** Every frame has the vector that belongs to it. @returns how many there are */
function expectWhole(signals: Awaited<ReturnType<typeof readAll>>): number {
  let before = 0
  for (const signal of signals) {
    if (signal.kind === 'status') continue
    expect(signal.frame.capturedAt).toBeGreaterThanOrEqual(before)
    before = signal.frame.capturedAt
    expect(dot(signal.embedding, unit(signal.frame.seq))).toBeCloseTo(1, 2)
  }
  return signals.length
}
