// Writes config/watchword.schema.json from the one schema. A test fails when it is out of date.
import { writeFileSync } from 'node:fs'
import { configJsonSchema } from '../src/config/jsonSchema.ts'

writeFileSync(
  new URL('../config/watchword.schema.json', import.meta.url),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
)
