// Writes config/watchword.schema.json and the table of docs/config.md from the one schema. A test fails when either is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import { configJsonSchema } from '../src/config/jsonSchema.ts'
import { configReference } from '../src/config/reference.ts'

const file = (path: string) => new URL(`../${path}`, import.meta.url)
const MARK = '<!-- keys -->\n'

writeFileSync(file('config/watchword.schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
const [before = '', , after = ''] = readFileSync(file('docs/config.md'), 'utf8').split(MARK)
writeFileSync(file('docs/config.md'), `${before}${MARK}${configReference()}${MARK}${after}`)
