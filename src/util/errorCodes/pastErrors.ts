/** The error codes of one section, the stored past. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const pastErrors = {
  'history-missing': {
    meaning: 'nothing is stored yet for the asked cameras, time, model or variant',
    remedy:
      'let `watchword run` watch for a while with `history.enabled`, or use the config that the history was made with',
  },
  'event-unknown': {
    meaning: 'the journal has no event of this id, or no answer has it',
    remedy: 'copy the id from the event’s message, `events.jsonl` or `watchword answers list`',
  },
} as const satisfies ErrorTable
