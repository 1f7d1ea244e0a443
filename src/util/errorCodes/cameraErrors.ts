/** The error codes of one section, cameras. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const cameraErrors = {
  'camera-timeout': {
    meaning: 'the camera does not answer, or no frame came for `stall_timeout`',
    remedy: 'check the network; raise `stall_timeout` for a camera that sends a frame only every few seconds',
  },
  'camera-no-keyframe': {
    meaning: 'video comes, but no keyframe in 5 minutes (`validate`: 45 s); without a keyframe no frame can be decoded',
    remedy: 'set a keyframe (I-frame) interval of 1 to 4 s in the camera',
  },
  'camera-refused': {
    meaning: 'no program listens at this address and port',
    remedy: 'check host and port, and that RTSP is switched on in the camera',
  },
  'camera-eof': {
    meaning: 'the camera closed the connection',
    remedy: 'often a camera that restarts or has too many viewers',
  },
  'camera-busy': {
    meaning: 'RTSP status 453 or 503: the camera serves no more viewers',
    remedy: 'close other viewers, or choose a stream with less bandwidth',
  },
  'camera-request-refused': {
    meaning: 'the camera answered with an RTSP status other than 200',
    remedy: 'check the `url`; restart the camera for 5xx',
  },
  'camera-bad-request': {
    meaning: 'RTSP status 400: often a path that the server does not know (MediaMTX answers this way)',
    remedy: 'check the path',
  },
  'camera-transport': {
    meaning: 'RTSP status 461: the camera does not offer the transport',
    remedy: 'set `transport: auto`, or the other transport',
  },
  'camera-redirect': {
    meaning:
      'the camera redirects to another host or protocol, or to a port to which Watchword does not send the password',
    remedy: 'if the address is right, write it in `url`',
  },
  'camera-tls': {
    meaning: 'the camera uses TLS at an rtsp:// address, or no TLS at an rtsps:// address',
    remedy: 'write rtsps:// in the first case, rtsp:// in the second',
  },
  'camera-no-video': { meaning: 'the stream at this path has only sound', remedy: 'choose the path of a video stream' },
  'camera-answer-too-large': {
    meaning: 'the answer has a header over 16 KiB or a description over 128 KiB',
    remedy: 'check which program listens at this address: no camera sends this',
  },
  'image-too-large': {
    meaning: 'a frame has more than 35 megapixels (in a file: 134)',
    remedy: 'choose a smaller stream',
  },
  'out-of-memory': {
    meaning: 'ffmpeg needed more than 1 GiB for a camera, 3 GiB for a file',
    remedy: 'choose a smaller stream',
  },
  'too-many-files': {
    meaning: 'no file descriptor is left for a socket or a child process',
    remedy: 'raise the limit (`ulimit -n`)',
  },
  'camera-auth': {
    meaning: 'user or password is missing or wrong, or the user may not watch this stream',
    remedy: 'correct the login; retries wait minutes, because cameras lock out users after failed logins',
  },
  'camera-login-unsupported': {
    meaning: 'the camera requires a login scheme other than Basic or Digest (MD5, SHA-256, SHA-512-256)',
    remedy: 'choose another scheme in the camera’s settings',
  },
  'camera-not-found': {
    meaning: 'the host does not exist, or has no stream at this path',
    remedy: 'look the path up in the camera’s manual',
  },
  'camera-crash': { meaning: 'ffmpeg ended unexpectedly', remedy: 'see ffmpeg’s last lines in the log' },
  'camera-frozen': {
    meaning: 'the image has been identical for too long',
    remedy: 'restart the camera if reconnecting does not help',
  },
  'camera-invalid-data': {
    meaning: 'the camera sends data that ffmpeg cannot decode',
    remedy: 'choose H.264 or H.265 in the camera',
  },
} as const satisfies ErrorTable
