/** The schema of the names that users choose, of cameras, events and zones: they become parts of topics and ids. */

import { z } from 'zod'

export const nameSchema = z
  .string()
  .max(100, 'Expected a name of at most 100 characters')
  .regex(/^[a-z0-9][a-z0-9_-]*$/i, 'Expected letters, digits, "_" and "-" only, beginning with a letter or digit')
