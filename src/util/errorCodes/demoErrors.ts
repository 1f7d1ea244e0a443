/** The error codes of one section, the demo. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const demoErrors = {
  'render-failed': { meaning: 'the video could not be written', remedy: 'check ffmpeg and the output’s path' },
} as const satisfies ErrorTable
