/** The queue to the disk is bounded, and a disk that hangs delays nothing. */

import { describe, expect, onTestFinished, test } from 'vitest'
import { startHistoryThread } from '../../src/history/historyThread.ts'
import { canHangDisk, mountHangingDisk } from '../support/hangingDisk.ts'
import { MODEL } from '../support/historyFrames.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { readTimes, storedFrame } from '../support/storedHistory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const NOON = Date.UTC(2026, 10, 30, 12)
const MEGABYTE = 2 ** 20

function setUp(dataDir: string) {
  const telemetry = recordTelemetry()
  const health: string[] = []
  const lost: string[] = []
  const thread = startHistoryThread(
    { dataDir, model: MODEL, maxAgeMs: 7 * 86_400_000, maxBytes: 2e9 },
    {
      telemetry,
      health: { failed: error => health.push(String(error)), worked: () => {} },
      onLost: camera => lost.push(camera),
    },
  )
  const batch = (at: number, bytes: number) => ({
    camera: 'gate',
    signals: [storedFrame(at, 0)],
    vectors: new Float32Array(bytes / 4),
    pictures: [],
  })
  return { telemetry, health, lost, thread, batch }
}

describe('startHistoryThread', () => {
  test('more than 32 MiB are not taken while nothing is answered; what was taken is stored', async () => {
    const dataDir = temporaryFolder()
    const { thread, telemetry, batch } = setUp(dataDir)
    // No answer can arrive within one turn of the event loop.
    const taken = Array.from({ length: 40 }, (_, i) => thread.write(batch(NOON + i, MEGABYTE)))
    expect(taken.indexOf(false)).toBe(31)
    await telemetry.next('HistoryStored', 31)
    expect(thread.write(batch(NOON + 100, MEGABYTE)), 'there is space again').toBe(true)
    await thread.close()
    expect((await readTimes(dataDir, MODEL)).times).toEqual([
      ...Array.from({ length: 31 }, (_, i) => NOON + i),
      NOON + 100,
    ])
    expect(telemetry.of('HistorySkipped')).toEqual([])
  })

  test.skipIf(!canHangDisk)(
    'a disk that hangs: closing does not wait for it, and what is lost is counted',
    async () => {
      const disk = await mountHangingDisk()
      onTestFinished(disk.remove)
      const { thread, telemetry, health, lost, batch } = setUp(disk.path)
      thread.write(batch(NOON, 64))
      await telemetry.next('HistoryStored')
      disk.hang()
      for (let i = 1; i < 4; i++) thread.write(batch(NOON + i, 64))
      await thread.close()
      expect(telemetry.of('HistorySkipped')).toHaveLength(3)
      expect(lost).toEqual(['gate', 'gate', 'gate'])
      expect(health.at(-1)).toContain('the disk has not answered')
      disk.goOn()
    },
  )
})
