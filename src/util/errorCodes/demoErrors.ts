/** Error codes: the demo. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const demoErrors = {
  'bad-option': { meaning: 'an option of the world or of `demo --render` is out of range', remedy: 'see the message' },
  'render-failed': { meaning: 'the video could not be written', remedy: 'check ffmpeg and the output’s path' },
} as const satisfies ErrorTable
