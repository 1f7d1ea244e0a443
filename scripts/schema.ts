// Writes config/watchword.schema.json and the table of docs/config.md from the one schema, and docs/errors.md from the
// error codes. Tests fail when one of them is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import { configJsonSchema } from '../src/config/configJsonSchema.ts'
import { configReference } from '../src/config/configReference.ts'
import { errorReference } from './errorReference.ts'

const file = (path: string) => new URL(`../${path}`, import.meta.url)
const MARK = '<!-- keys -->\n'

writeFileSync(file('config/watchword.schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
const [before = '', , after = ''] = readFileSync(file('docs/config.md'), 'utf8').split(MARK)
writeFileSync(file('docs/config.md'), `${before}${MARK}${configReference()}${MARK}${after}`)
const [intro = ''] = readFileSync(file('docs/errors.md'), 'utf8').split(/^<!-- codes -->$/m)
writeFileSync(file('docs/errors.md'), `${intro}<!-- codes -->\n${errorReference()}`)
