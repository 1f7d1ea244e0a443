/** Opens one model in a process of its own, runs one picture, and tells how much memory that took. */

import { openSession } from './openSession.ts'
import { type PictureFormat, pictureInput } from './pictureInput.ts'

const [path = '', format = '{}'] = process.argv.slice(2)
const parsed = JSON.parse(format) as PictureFormat
const before = process.memoryUsage.rss()
const session = await openSession(path)
const inputName = session.inputNames[0] ?? 'pixels'
const picture = new Uint8Array(parsed.imageSize ** 2 * 3)
for (let i = 0; i < 2; i++) await session.run({ [inputName]: pictureInput([picture], inputName, parsed) })
process.stdout.write(`${process.memoryUsage.rss() - before}\n`)
