/** Makes the JSON Schema that editors use: `# yaml-language-server: $schema=…/config/watchword.schema.json`. */

import { z } from 'zod'
import { configSchema } from './configSchema.ts'

/** Draft 2020-12, of what the user writes (before defaults are filled in). */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'Watchword configuration', ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) }
}
