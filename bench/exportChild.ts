/** Exports one checkpoint in a process of its own, so that its memory can be measured alone. Prints one line of JSON. */

import { readFileSync } from 'node:fs'
import { exportModel } from '../src/onnx/exportModel.ts'

const [checkpointDir = '', outputDir = '', plain = ''] = process.argv.slice(2)
const startedAt = performance.now()
await exportModel({ checkpointDir, outputDir, plain: plain === 'plain' })
const seconds = (performance.now() - startedAt) / 1000
console.log(JSON.stringify({ seconds, peakBytes: peakBytes() }))

/**
 * Peak resident memory of this process alone. `resourceUsage().maxRSS` is no measure of it on Linux: what is started by
 * vfork and exec takes over the peak of its parent, which here has just made the checkpoint.
 */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}
