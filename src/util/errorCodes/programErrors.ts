/** Error codes: programs, ports and disks. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const programErrors = {
  'ffmpeg-not-found': {
    meaning: 'there is no ffmpeg that works',
    remedy: 'install it, or point `FFMPEG_BIN` or `ffmpeg.path` at one',
  },
  'ffmpeg-unusable': { meaning: 'the ffmpeg that is configured cannot be used', remedy: 'correct `ffmpeg.path`' },
  'ffmpeg-crashed': { meaning: 'ffmpeg ended by a signal while it read a file', remedy: 'try another ffmpeg' },
  'port-in-use': { meaning: 'another program uses the metrics port', remedy: 'choose another `metrics.port`' },
  'port-not-allowed': {
    meaning: 'the address or port may not be listened on',
    remedy: 'an address of this machine, a port above 1023',
  },
  'invalid-option': {
    meaning: 'an option or argument is out of range, or the command line names neither a command nor a config file',
    remedy: 'see the message, or `watchword COMMAND --help`',
  },
  interrupted: { meaning: 'Ctrl-C or a stop signal ended the work', remedy: 'run it again' },
  unwritable: { meaning: 'a file or folder cannot be written', remedy: 'check permission and path' },
  'disk-full': { meaning: 'no space left', remedy: 'make room and run the command again' },
  'data-in-use': {
    meaning: 'another Watchword runs with this data directory',
    remedy: 'stop it, or give each a `data_dir` of its own',
  },
  'outbox-unreadable': {
    meaning: 'the outbox file may not be read or written',
    remedy: 'give the user of Watchword access, or move the file away',
  },
} as const satisfies ErrorTable
