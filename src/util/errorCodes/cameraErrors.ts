/** Error codes: cameras. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const cameraErrors = {
  'camera-timeout': {
    meaning: 'connected, but nothing comes',
    remedy: 'check the network; raise `stall_timeout` for a slow camera',
  },
  'camera-refused': {
    meaning: 'nothing listens at this address and port',
    remedy: 'check host and port, and that RTSP is switched on in the camera',
  },
  'camera-eof': {
    meaning: 'the camera ended the stream',
    remedy: 'often a camera that restarts or has too many viewers',
  },
  'camera-auth': {
    meaning: 'user or password were refused',
    remedy: 'correct them; retries wait minutes, because cameras lock out',
  },
  'camera-not-found': {
    meaning: 'no such host, or no stream at this path',
    remedy: 'look the path up in the camera’s manual',
  },
  'camera-crash': { meaning: 'ffmpeg ended unexpectedly', remedy: 'see the last lines of ffmpeg in the log' },
  'camera-frozen': {
    meaning: 'the same picture for too long',
    remedy: 'restart the camera if reconnecting does not help',
  },
  'camera-garbage': {
    meaning: 'what it sends is no video that ffmpeg understands',
    remedy: 'choose H.264 or H.265 in the camera',
  },
} as const satisfies ErrorTable
