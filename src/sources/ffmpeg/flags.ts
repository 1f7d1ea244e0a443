/** ffmpeg's command line as data: which flags, in which role, and why. */

import { type Fit, filterGraph, type Sampling, SNAPSHOT_TICK } from './filters.ts'
import type { Ffmpeg } from './find.ts'
import { isAtLeast, type Version } from './version.ts'

export interface RtspInput {
  readonly kind: 'rtsp'
  /** With credentials, percent-encoded. Checked by `cameraAddress`. */
  readonly url: string
  readonly transport: 'tcp' | 'udp'
  /** Silence on the RTSP connection for this long ends ffmpeg, ms. */
  readonly socketTimeoutMs: number
}

export interface FileInput {
  readonly kind: 'file'
  /** Absolute path. */
  readonly path: string
  /** At the speed it was filmed, for a file that plays a camera. */
  readonly realtime: boolean
  /** Over and over. */
  readonly loop: boolean
}

export interface DecodePlan {
  readonly input: RtspInput | FileInput
  readonly sampling: Sampling
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  readonly keyframesOnly: boolean
  /** Frame times on the pipe after stdout. Live frames are timed by their arrival instead. */
  readonly times: boolean
  readonly snapshot: Snapshot | null
  /** null: all there are. */
  readonly maxFrames: number | null
  /** ffmpeg's -hwaccel; null: none. */
  readonly hwaccel: string | null
}

export interface Snapshot {
  /** Pixels. */
  readonly longSide: number
  /** ffmpeg's -q:v: 2 is best, 31 smallest. */
  readonly quality: number
}

interface Flag {
  readonly args: (version: Version) => readonly string[]
  readonly why: string
}

const fixed = (...args: string[]) => ({ args: () => args })

export const FLAGS = {
  quiet: {
    ...fixed('-hide_banner', '-nostats', '-loglevel', 'repeat+error'),
    why: 'stderr carries complaints alone; `repeat` makes their count true',
  },
  noKeyboard: { ...fixed('-nostdin'), why: 'stdin is a script for us, not a keyboard with a q key' },
  oneThread: {
    ...fixed('-threads', '1'),
    why: 'sixteen cameras on two cores gain nothing from more, and each thread holds frames in memory',
  },
  arrivalTimes: {
    ...fixed('-use_wallclock_as_timestamps', '1'),
    why: 'sampling survives a camera whose clock jumps back; live frames are timed by arrival anyway',
  },
  keepSizes: {
    ...fixed('-reinit_filter', '0'),
    why: 'the JPEG encoder can’t change size: a recording whose size changes would end there. A camera is opened again instead',
  },
  keyframesOnly: { ...fixed('-skip_frame', 'nokey'), why: 'the decoder sleeps between keyframes' },
  noRepeats: {
    args: version => (isAtLeast(version, 5, 1) ? ['-fps_mode', 'passthrough'] : ['-vsync', '0']),
    why: 'without it 30 keyframes became 299 frames, padded with duplicates; 5.1 renamed -vsync',
  },
  exactTimes: {
    ...fixed('-enc_time_base', '1:1000000'),
    why: 'the default, 1/frame rate, rounds the times of variable frame rates',
  },
  countedTimes: {
    ...fixed('-enc_time_base', SNAPSHOT_TICK),
    why: 'the default, 1/frame rate, rounds two close pictures into one tick, and ffmpeg ends with "Error submitting video frame to the encoder"',
  },
  atOnce: { ...fixed('-flush_packets', '1'), why: 'a frame must not wait in a buffer for the next one' },
  oneEncoderThread: {
    ...fixed('-threads', '1'),
    why: 'threads of the JPEG encoder hold pictures back from their pair',
  },
} as const satisfies Record<string, Flag>

/** Microseconds of silence on the RTSP socket. In 4.x `-timeout` means "listen and wait", for ever. */
function socketTimeoutOption(version: Version): 'timeout' | 'stimeout' {
  return isAtLeast(version, 5) ? 'timeout' : 'stimeout'
}

/** Since 5.0 a concat script can hold options: then the URL with its password goes through stdin. */
export function hidesCredentials(version: Version): boolean {
  return isAtLeast(version, 5)
}

export interface Command {
  readonly args: readonly string[]
  /** For stdin. */
  readonly input: string
  /** Pipes beyond stdout (raw RGB) and stderr, in this order from file descriptor 3. */
  readonly pipes: readonly ('times' | 'jpeg')[]
}

export function decodeCommand({ version }: Pick<Ffmpeg, 'version'>, plan: DecodePlan): Command {
  const use = (...roles: (keyof typeof FLAGS)[]) => roles.flatMap(role => [...FLAGS[role].args(version)])
  const { args: source, input } = inputArguments(version, plan.input)
  const pipes: ('times' | 'jpeg')[] = [
    ...(plan.times ? ['times' as const] : []),
    ...(plan.snapshot ? ['jpeg' as const] : []),
  ]
  const frames = plan.maxFrames === null ? [] : ['-frames:v', String(plan.maxFrames)]
  const shared = [...use('noRepeats', 'atOnce'), ...frames]
  const pipe = (name: 'times' | 'jpeg') => `pipe:${3 + pipes.indexOf(name)}`
  const args = [
    ...use('quiet', 'noKeyboard', 'oneThread'),
    ...(plan.hwaccel === null ? [] : ['-hwaccel', plan.hwaccel]),
    ...(plan.keyframesOnly ? use('keyframesOnly') : []),
    ...(plan.input.kind === 'file' && plan.snapshot ? use('keepSizes') : []),
    ...source,
    '-filter_complex',
    filterGraph({ ...plan, snapshotLongSide: plan.snapshot?.longSide ?? null }),
    ...['-map', '[raw]', ...shared, '-c:v', 'rawvideo', '-f', 'rawvideo', 'pipe:1'],
  ]
  if (plan.times) {
    const times = ['-c:v', 'rawvideo', ...use('exactTimes'), '-f', 'mkvtimestamp_v2']
    args.push('-map', '[times]', ...shared, ...times, pipe('times'))
  }
  if (plan.snapshot) {
    const quality = ['-c:v', 'mjpeg', '-q:v', String(plan.snapshot.quality), ...use('countedTimes', 'oneEncoderThread')]
    args.push('-map', '[jpeg]', ...shared, ...quality, '-f', 'mpjpeg', pipe('jpeg'))
  }
  return { args, input, pipes }
}

/** How ffmpeg is told what to open: the file on the command line, the camera through stdin where it can be. */
export function inputArguments(version: Version, input: RtspInput | FileInput): { args: string[]; input: string } {
  if (input.kind === 'file') {
    const pace = [...(input.realtime ? ['-re'] : []), ...(input.loop ? ['-stream_loop', '-1'] : [])]
    // `file:` keeps a name like `rtp:x` from being taken for a protocol; the list keeps playlists off the network.
    return { args: [...pace, '-protocol_whitelist', 'file', '-i', `file:${input.path}`], input: '' }
  }
  const options: [string, string][] = [
    ['rtsp_transport', input.transport],
    ['allowed_media_types', 'video'],
    // Nobody needs the frame rate here, and guessing it takes twenty frames: 3 s to the first picture instead of 1.
    ['fpsprobesize', '0'],
    [socketTimeoutOption(version), String(input.socketTimeoutMs * 1000)],
  ]
  const secure = input.url.startsWith('rtsps:') ? ['tls'] : []
  const protocols = ['tcp', ...secure, ...(input.transport === 'udp' ? ['udp', 'rtp'] : [])]
  const live = FLAGS.arrivalTimes.args()
  if (!hidesCredentials(version)) {
    const whitelist = ['-protocol_whitelist', ['rtsp', ...protocols].join(',')]
    const flags = options.flatMap(([name, value]) => [`-${name}`, value])
    return { args: [...live, ...flags, ...whitelist, '-i', input.url], input: '' }
  }
  const whitelist = ['-protocol_whitelist', ['pipe', ...protocols].join(',')]
  const script = ['ffconcat version 1.0', `file '${input.url.replaceAll("'", '%27')}'`]
  return {
    args: [...live, '-f', 'concat', '-safe', '0', ...whitelist, '-i', 'pipe:0'],
    input: `${[...script, ...options.map(([name, value]) => `option ${name} ${value}`)].join('\n')}\n`,
  }
}
