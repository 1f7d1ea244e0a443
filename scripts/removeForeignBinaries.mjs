// Removes from node_modules what only other platforms need, and the fallback ffmpegs: for images that have ffmpeg.
// Usage: node scripts/removeForeignBinaries.mjs [node_modules]
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import onnxruntime from './removeForeignOnnxruntime.cjs'

const modules = process.argv[2] ?? 'node_modules'
const folder = join(modules, 'onnxruntime-node')
if (!onnxruntime.removeForeignOnnxruntime(folder)) {
  console.error(`Cannot find the onnxruntime of ${process.platform}/${process.arch} in ${folder}`)
  process.exit(1)
}
for (const fallback of ['@ffmpeg-installer', 'ffmpeg-static'])
  rmSync(join(modules, fallback), { recursive: true, force: true })
