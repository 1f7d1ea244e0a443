/** Error codes: cameras. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const cameraErrors = {
  'camera-timeout': {
    meaning: 'no answer, or no picture for `stall_timeout` although there could be one',
    remedy: 'check the network; raise `stall_timeout` for a camera that sends a picture every few seconds',
  },
  'camera-no-keyframe': {
    meaning: 'video comes, but no keyframe in 5 minutes (`validate`: 45 s); no picture can be decoded without one',
    remedy: 'set a keyframe (I-frame) interval of 1 to 4 s in the camera',
  },
  'camera-refused': {
    meaning: 'nothing listens at this address and port',
    remedy: 'check host and port, and that RTSP is switched on in the camera',
  },
  'camera-eof': {
    meaning: 'the camera closed the connection',
    remedy: 'often a camera that restarts or has too many viewers',
  },
  'camera-busy': {
    meaning: '453 or 503: it serves no more viewers',
    remedy: 'close other viewers, or choose a stream with less bandwidth',
  },
  'camera-request-refused': {
    meaning: 'another RTSP status than 200',
    remedy: 'check the `url`; restart the camera for 5xx',
  },
  'camera-bad-request': {
    meaning: '400: often a path that the server does not know (MediaMTX answers so)',
    remedy: 'check the path',
  },
  'camera-transport': {
    meaning: '461: it does not offer the transport',
    remedy: '`transport: auto`, or the other one',
  },
  'camera-redirect': {
    meaning: 'it redirects to another host or protocol, or to a port where its password is not sent',
    remedy: 'write the address in `url`, if it is right',
  },
  'camera-tls': {
    meaning: 'TLS at an rtsp:// address, or none at an rtsps:// address',
    remedy: 'write rtsps:// or rtsp://',
  },
  'camera-no-video': { meaning: 'there is only sound at this path', remedy: 'choose the path of a video stream' },
  'camera-answer-too-large': {
    meaning: 'a header over 16 KiB or a description over 128 KiB',
    remedy: 'check what listens at this address: no camera sends this',
  },
  'picture-too-large': {
    meaning: 'a picture of more than 35 megapixels (a file: 134)',
    remedy: 'choose a smaller stream',
  },
  'out-of-memory': {
    meaning: 'ffmpeg needed more than 1 GiB for a camera, 3 GiB for a file',
    remedy: 'choose a smaller stream',
  },
  'too-many-files': {
    meaning: 'no file descriptor is left for a socket or a child',
    remedy: 'raise the limit, `ulimit -n`',
  },
  'camera-auth': {
    meaning: 'user or password are missing, were refused, or may not watch this stream',
    remedy: 'correct them; retries wait minutes, because cameras lock out',
  },
  'camera-login-unsupported': {
    meaning: 'the camera asks for a login other than Basic or Digest (MD5, SHA-256, SHA-512-256)',
    remedy: 'choose another one in the camera',
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
  'camera-invalid-data': {
    meaning: 'what it sends is no video that ffmpeg understands',
    remedy: 'choose H.264 or H.265 in the camera',
  },
} as const satisfies ErrorTable
