/** The product's own source, for tests that read it. */

import { readdirSync, readFileSync } from 'node:fs'

export interface SourceFile {
  /** From the root of the checkout: `src/util/childProcess.ts`. */
  readonly path: string
  readonly text: string
}

export function sourceFiles(): SourceFile[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => `src/${path.replaceAll('\\', '/')}`)
    .map(path => ({ path, text: readFileSync(path, 'utf8') }))
}
