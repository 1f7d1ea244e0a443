/** Folders of a run that are written to; each may be on a disk of its own. */

import { dirname } from 'node:path'
import type { LoadedConfig } from '../../config/loadConfig.ts'

export function foldersOf({ journal, snapshots }: LoadedConfig['config'], dataDir: string): string[] {
  const journalDir = journal.enabled && journal.path !== undefined ? [dirname(journal.path)] : []
  const snapshotDir = snapshots.enabled && snapshots.dir !== undefined ? [snapshots.dir] : []
  return [...new Set([dataDir, ...journalDir, ...snapshotDir])]
}
