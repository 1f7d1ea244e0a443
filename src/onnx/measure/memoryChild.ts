/** Opens one model in a process of its own, runs one image and prints the resident memory that this added, in bytes. */

import type { ImageFormat } from '../session/imageTensor.ts'
import { openVisionSession } from '../session/openVisionSession.ts'

const [path = '', format = '{}'] = process.argv.slice(2)
const parsed = JSON.parse(format) as ImageFormat
const before = process.memoryUsage.rss()
const vision = await openVisionSession(path, parsed)
const picture = new Uint8Array(parsed.imageSize ** 2 * 3)
for (let i = 0; i < 2; i++) await vision.embed([picture])
process.stdout.write(`${process.memoryUsage.rss() - before}\n`)
