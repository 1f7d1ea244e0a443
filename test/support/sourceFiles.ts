/** Source files, for tests that read them. */

import { readdirSync, readFileSync } from 'node:fs'

export interface SourceFile {
  /** From the root of the checkout: `src/util/childProcess.ts`. */
  readonly path: string
  readonly text: string
}

/** @param folder of the checkout; default: the product's own source */
export function sourceFiles(folder = 'src'): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => `${folder}/${path.replaceAll('\\', '/')}`)
    .map(path => ({ path, text: readFileSync(path, 'utf8') }))
}
