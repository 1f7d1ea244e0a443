/** Temporary folders that are removed with the test or the suite that uses them. */

import { afterAll, onTestFinished } from 'vitest'
import { openFolder } from './openFolder.ts'

/** An empty folder, removed after the current test and its `afterEach` hooks. */
export function temporaryFolder(): string {
  const { path, remove } = openFolder()
  onTestFinished(remove)
  return path
}

/** An empty folder, removed after the file or the `describe` in whose body this is called. */
export function sharedFolder(prefix?: string): string {
  const { path, remove } = openFolder(prefix)
  afterAll(remove)
  return path
}
