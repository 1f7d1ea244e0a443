/** Error codes: videos and pictures. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const videoErrors = {
  'video-not-found': { meaning: 'there is no such file', remedy: 'check the path' },
  'video-unreadable': {
    meaning: 'it may not be read, or is a folder',
    remedy: 'check permission; a folder of pictures has its own source, `type: images`',
  },
  'video-empty': { meaning: 'it has 0 bytes', remedy: 'record it again' },
  'video-truncated': {
    meaning: 'it ends before its container says; `run` used what came before, `detect` printed it and wrote no files',
    remedy: '`ffmpeg -i IN -c copy OUT.mp4` keeps what is whole',
  },
  'video-damaged': {
    meaning: 'ffmpeg cannot read it, or not further; or it is a Git LFS pointer, a web page or another kind of file',
    remedy: 'see the message; repair it with ffmpeg, or leave it',
  },
  'video-without-picture': { meaning: 'it has sound alone, or nothing', remedy: 'choose another file' },
  'video-without-frames': { meaning: 'it has a picture stream with no frame in it', remedy: 'record it again' },
  'images-not-found': { meaning: 'the folder or glob holds no pictures', remedy: 'check path and endings' },
  'images-all-corrupt': { meaning: 'not one of the pictures can be read', remedy: 'check what is in the folder' },
  'no-frames': { meaning: 'a video given for measuring has no frames', remedy: 'choose one that plays' },
} as const satisfies ErrorTable
