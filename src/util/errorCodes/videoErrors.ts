/** The error codes of one section, videos and images. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const videoErrors = {
  'video-not-found': { meaning: 'the file does not exist', remedy: 'check the path' },
  'bank-missing': {
    meaning: 'the camera of `--calibrate camera:NAME` has no bank for this model and variant',
    remedy: '`watchword bank` lists the banks; let `watchword run` watch the camera with the same model first',
  },
  'video-unreadable': {
    meaning: 'the file may not be read, or is a folder',
    remedy: 'check the permission; for a folder of images set `type: images`',
  },
  'video-empty': { meaning: 'the file has 0 bytes', remedy: 'record it again' },
  'video-truncated': {
    meaning:
      'the file ends before the end that its container states; `run` used the frames before that, `detect` printed their events and wrote no files',
    remedy: 'run `ffmpeg -i IN -c copy OUT.mp4` to keep the intact part',
  },
  'video-damaged': {
    meaning:
      'ffmpeg cannot read the file, or only its beginning; or the file is a Git LFS pointer, a web page or of another kind',
    remedy: 'see the message; repair the file with ffmpeg, or leave it out',
  },
  'video-without-stream': { meaning: 'the file has no video stream, at most sound', remedy: 'choose another file' },
  'video-without-frames': { meaning: 'the video stream has no frames', remedy: 'record it again' },
  'images-not-found': {
    meaning: 'no image matches the folder or glob',
    remedy: 'check the path and the file extensions',
  },
  'images-all-corrupt': { meaning: 'none of the images can be read', remedy: 'check the content of the folder' },
  'labels-invalid': {
    meaning: 'a labels file of `eval` has a mistake: its form, a time, or the name of an event',
    remedy: 'the message names the file and the line or record; docs/eval.md describes the formats',
  },
  'labels-without-video': {
    meaning: 'the video of a labels file is not found, or it is not clear which one it is',
    remedy: 'name it in the labels, give it the base name of the labels file, or use `--video`',
  },
  'no-frames': { meaning: 'a video for measuring has no frames', remedy: 'choose a video that plays' },
} as const satisfies ErrorTable
