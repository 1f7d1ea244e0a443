/** The schema of a name that is displayed to people, in any script. */

import { z } from 'zod'

const LONGEST = 100

export function displayName() {
  return z
    .string()
    .trim()
    .min(1, 'Expected a name, got an empty text')
    .max(LONGEST, `Expected a name of at most ${LONGEST} characters`)
    .regex(/^\P{Cc}*$/u, 'Expected a name of one line, without control characters')
}
