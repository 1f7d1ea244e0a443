// Removes from node_modules what only other platforms need, and the fallback ffmpegs: for images that have ffmpeg.
// Usage: node scripts/removeForeignBinaries.mjs [node_modules]
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const modules = process.argv[2] ?? 'node_modules'
const binaries = join(modules, 'onnxruntime-node', 'bin', 'napi-v6')
if (!existsSync(join(binaries, process.platform, process.arch))) {
  console.error(`Cannot find the onnxruntime of ${process.platform}/${process.arch} in ${binaries}`)
  process.exit(1)
}
for (const platform of readdirSync(binaries))
  for (const arch of readdirSync(join(binaries, platform)))
    if (platform !== process.platform || arch !== process.arch)
      rmSync(join(binaries, platform, arch), { recursive: true })
for (const fallback of ['@ffmpeg-installer', 'ffmpeg-static'])
  rmSync(join(modules, fallback), { recursive: true, force: true })
