/** An empty temporary folder for programs that remove it themselves; tests use `temporaryFolder.ts`. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface OpenFolder {
  readonly path: string
  remove(): void
}

/** @param prefix beginning of the folder's name, for paths with special characters */
export function openFolder(prefix = 'watchword-test-'): OpenFolder {
  const path = mkdtempSync(join(tmpdir(), prefix))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
