/** The error codes of one section, programs, ports and disks. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const programErrors = {
  'ffmpeg-not-found': {
    meaning: 'no usable ffmpeg was found',
    remedy: 'install ffmpeg, or set `FFMPEG_BIN` or `ffmpeg.path` to its path',
  },
  'ffmpeg-unusable': { meaning: 'the configured ffmpeg cannot be used', remedy: 'correct `ffmpeg.path`' },
  'ffmpeg-crashed': { meaning: 'a signal ended ffmpeg while it read a file', remedy: 'try another ffmpeg' },
  'port-in-use': { meaning: 'another program uses the metrics port', remedy: 'choose another `metrics.port`' },
  'port-not-allowed': {
    meaning: 'Watchword may not listen on this address or port',
    remedy: 'choose an address of this machine and a port above 1023',
  },
  'invalid-option': {
    meaning: 'an option or argument is out of range, or the command line names neither a command nor a config file',
    remedy: 'see the message, or `watchword COMMAND --help`',
  },
  interrupted: { meaning: 'Ctrl-C or a stop signal ended the work', remedy: 'run the command again' },
  unwritable: { meaning: 'a file or folder cannot be written', remedy: 'check the permission and the path' },
  'disk-full': { meaning: 'no space is left on the disk', remedy: 'free disk space and run the command again' },
  'data-in-use': {
    meaning: 'another Watchword uses this data directory',
    remedy: 'stop it, or set a separate `data_dir` for each',
  },
  'outbox-unreadable': {
    meaning: 'the outbox file may not be read or written',
    remedy: 'give Watchword’s user access, or move the file away',
  },
} as const satisfies ErrorTable
