/** Measures the resident memory of one variant in a separate process. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ImageFormat } from '../session/imageTensor.ts'

/** Bytes that opening the model and running it once add to a fresh Node process; null when it cannot be measured. */
export async function measureMemory(path: string, format: ImageFormat): Promise<number | null> {
  const source = import.meta.url.endsWith('.ts')
  const child = fileURLToPath(new URL(source ? './memoryChild.ts' : './memoryChild.js', import.meta.url))
  const loader = source ? ['--import', 'tsx'] : []
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...loader, child, path, JSON.stringify(format)])
    const bytes = Number(stdout.trim())
    return Number.isFinite(bytes) && bytes > 0 ? bytes : null
  } catch {
    // A missing number must not fail the whole benchmark.
    return null
  }
}
