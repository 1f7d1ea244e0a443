/** Exports one checkpoint in a process of its own, so that its memory is nobody else's. Prints one line of JSON. */

import { exportModel } from '../src/onnx/exportModel.ts'

const [checkpointDir = '', outputDir = '', plain = ''] = process.argv.slice(2)
const startedAt = performance.now()
await exportModel({ checkpointDir, outputDir, plain: plain === 'plain' })
const seconds = (performance.now() - startedAt) / 1000
// maxRSS is in kilobytes on every platform: https://nodejs.org/api/process.html#processresourceusage
console.log(JSON.stringify({ seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }))
