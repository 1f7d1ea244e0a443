/** The error codes of one section, the stored past. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const pastErrors = {
  'history-missing': {
    meaning: 'nothing is stored yet for the asked cameras, time, model or variant',
    remedy:
      'let `watchword run` watch for a while with `history.enabled`, or use the config that the history was made with',
  },
  'event-id-unknown': {
    meaning: 'the journal has no event of this id, or no answer has it',
    remedy: 'copy the id from the event’s message, `events.jsonl` or `watchword answers list`',
  },
  'answers-invalid': {
    meaning: 'a file of answers has a line that names no moment, or that says neither yes nor no',
    remedy: 'write `street@2026-11-30T12:03:10.250Z,yes` per line, or pass what `trial --print-questions` printed',
  },
} as const satisfies ErrorTable
