/** Reads a camera's session description (RFC 4566) and keeps the first video stream of it. */

import { SourceError } from '../sourceErrors.ts'

export interface VideoDescription {
  /** The description with this one stream and a control address of our own: what ffmpeg gets. */
  readonly sdp: string
  /** As the camera wrote it: `h264`, `h265`, `jpeg`, … in lower case; null when it did not. */
  readonly codec: string | null
  /** RTP clock, Hz. */
  readonly clockRate: number
  /** `a=control` of the stream and of the whole session; null where there is none. */
  readonly control: string | null
  readonly sessionControl: string | null
}

/** RFC 3551: numbers that need no `rtpmap`. */
const STATIC_CODECS: ReadonlyMap<string, string> = new Map([
  ['26', 'jpeg'],
  ['32', 'mpv'],
  ['33', 'mp2t'],
])
const VIDEO_CLOCK = 90_000

/** @throws SourceError `camera-no-video`, `camera-invalid-data` */
export function readSdp(text: string): VideoDescription {
  if (!/^v=0/m.test(text)) {
    throw new SourceError('what the camera describes is no stream: check its `url`', { reason: 'invalid-data' })
  }
  const [session = '', ...media] = text.split(/^(?=m=)/m)
  const video = media.find(each => each.startsWith('m=video'))
  if (video === undefined) {
    const hasSound = media.some(each => each.startsWith('m=audio'))
    const what = hasSound ? 'there is only sound' : 'there is no video'
    throw new SourceError(`${what} at this path: choose the path of a video stream`, {
      reason: 'not-found',
      code: 'camera-no-video',
    })
  }
  const [, payloadType = ''] = /^m=video \d+(?:\/\d+)? \S+ (\d+)/.exec(video) ?? []
  const maps = [...video.matchAll(/^a=rtpmap:(\d+)[ \t]+([\w.-]+)\/(\d+)/gm)]
  const [, , mapped, rate] = maps.find(([, type]) => type === payloadType) ?? []
  const lines = [...linesOf(session), ...linesOf(video)].filter(line => !line.startsWith('a=control'))
  return {
    sdp: [...lines, 'a=control:video', ''].join('\r\n'),
    codec: (mapped ?? STATIC_CODECS.get(payloadType))?.toLowerCase() ?? null,
    clockRate: Number(rate) || VIDEO_CLOCK,
    control: controlOf(video),
    sessionControl: controlOf(session),
  }
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter(line => line !== '')
}

function controlOf(section: string): string | null {
  return /^a=control:[ \t]*(\S+)/m.exec(section)?.[1] ?? null
}
