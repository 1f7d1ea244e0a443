/** ffmpeg's command line as data: which flags, in which role, and why. */

import type { ImageParts } from '../imageParts.ts'
import { type Fit, filterGraph, type Sampling, SNAPSHOT_TICK } from './filterGraph.ts'
import type { Ffmpeg } from './findFfmpeg.ts'
import { isAtLeast, type Version } from './inspectFfmpeg.ts'

export interface RtspInput {
  readonly kind: 'rtsp'
  /** Of our own server on loopback (`serveFfmpeg`): ffmpeg never gets a camera's address or password. */
  readonly url: string
}

export interface FileInput {
  readonly kind: 'file'
  /** Absolute path. */
  readonly path: string
  /** At recording speed, for a file in place of a camera. */
  readonly realtime: boolean
  /** Repeats without end. */
  readonly loop: boolean
  /** Frames a second in place of the file's own times. Default: the file's times. */
  readonly inputFps?: number | null
  /** ffmpeg's demuxer. Default: ffmpeg detects it. */
  readonly demuxer?: string | null
}

export interface DecodePlan extends ImageParts {
  readonly input: RtspInput | FileInput
  readonly sampling: Sampling
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  readonly keyframesOnly: boolean
  /** Frame times on the pipe after stdout. Live frames are timed by their arrival instead. */
  readonly times: boolean
  readonly snapshot: Snapshot | null
  /** null: all. */
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
    why: 'stderr carries errors only; `repeat` makes their count true',
  },
  noKeyboard: { ...fixed('-nostdin'), why: 'otherwise ffmpeg reads commands from stdin, such as q' },
  oneThread: {
    ...fixed('-threads', '1'),
    why: 'sixteen cameras on two cores gain nothing from more threads, and each thread holds frames in memory',
  },
  interleaved: {
    ...fixed('-rtsp_transport', 'tcp'),
    why: 'our server on loopback sends packets over the connection itself; UDP ends at the relay',
  },
  noRateProbe: {
    ...fixed('-fpsprobesize', '0'),
    why: 'nothing here needs the frame rate, and guessing it takes twenty frames: 3 s to the first frame instead of 1',
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
    why: 'the default, 1/frame rate, rounds two close frames to one tick, and ffmpeg ends with "Error submitting video frame to the encoder"',
  },
  atOnce: { ...fixed('-flush_packets', '1'), why: 'a frame must not wait in a buffer for the next one' },
  oneEncoderThread: {
    ...fixed('-threads', '1'),
    why: 'with threads an encoder, the raw one included, returns a frame only when it gets the next one: 1/fps too late',
  },
} as const satisfies Record<string, Flag>

export interface FfmpegCommand {
  readonly args: readonly string[]
  /** Pipes beyond stdout (raw RGB) and stderr, in this order from file descriptor 3. */
  readonly pipes: readonly Pipe[]
}

export type Pipe = 'times' | 'jpeg' | 'detail' | 'zones'

export function decodeCommand({ version }: Pick<Ffmpeg, 'version'>, plan: DecodePlan): FfmpegCommand {
  const use = (...roles: (keyof typeof FLAGS)[]) => roles.flatMap(role => [...FLAGS[role].args(version)])
  const source = inputArguments(plan.input)
  const pipes = pipesOf(plan)
  const frames = plan.maxFrames === null ? [] : ['-frames:v', String(plan.maxFrames)]
  const shared = [...use('noRepeats', 'atOnce'), ...frames]
  const args = [
    ...use('quiet', 'noKeyboard', 'oneThread'),
    ...(plan.hwaccel === null ? [] : ['-hwaccel', plan.hwaccel]),
    ...(plan.keyframesOnly ? use('keyframesOnly') : []),
    ...(plan.input.kind === 'file' && plan.snapshot ? use('keepSizes') : []),
    ...source,
    '-filter_complex',
    filterGraph({ ...plan, snapshotLongSide: plan.snapshot?.longSide ?? null }),
    ...['-map', '[raw]', ...shared, '-c:v', 'rawvideo', ...use('oneEncoderThread'), '-f', 'rawvideo', 'pipe:1'],
  ]
  const encoders: Record<Pipe, string[]> = {
    times: ['-c:v', 'rawvideo', ...use('exactTimes', 'oneEncoderThread'), '-f', 'mkvtimestamp_v2'],
    jpeg: ['-c:v', 'mjpeg', ...qualityOf(plan), ...use('countedTimes', 'oneEncoderThread'), '-f', 'mpjpeg'],
    // Each image states its size, which depends on the source.
    detail: ['-c:v', 'ppm', ...use('countedTimes', 'oneEncoderThread'), '-f', 'image2pipe'],
    zones: ['-c:v', 'rawvideo', ...use('oneEncoderThread'), '-f', 'rawvideo'],
  }
  const extra = pipes.flatMap((name, i) => ['-map', `[${name}]`, ...shared, ...encoders[name], `pipe:${3 + i}`])
  return { args: [...args, ...extra], pipes }
}

function pipesOf({ times, snapshot, detailHeight, zones }: DecodePlan): Pipe[] {
  const wanted: Record<Pipe, boolean> = {
    times,
    jpeg: snapshot !== null,
    detail: detailHeight !== null,
    zones: zones.length > 0,
  }
  return (Object.keys(wanted) as Pipe[]).filter(name => wanted[name])
}

function qualityOf({ snapshot }: DecodePlan): string[] {
  return snapshot ? ['-q:v', String(snapshot.quality)] : []
}

/** The largest frame of H.264 and H.265 (level 6): 139,264 macroblocks. */
const CAMERA_PIXELS = 139_264 * 256
/** Panoramas and scans are larger than what a camera sends. */
const FILE_PIXELS = 2 ** 27
const GIB = 2 ** 30

/** Bound of ffmpeg's memory, bytes; null with a GPU, whose drivers map far more than they use. */
export function memoryBytes({ input, hwaccel }: Pick<DecodePlan, 'input' | 'hwaccel'>): number | null {
  if (hwaccel !== null) return null
  return input.kind === 'rtsp' ? GIB : 3 * GIB
}

/** The arguments that say what ffmpeg opens, and which protocols it may use for that. */
export function inputArguments(input: RtspInput | FileInput): string[] {
  if (input.kind === 'file') {
    const pace = [
      ...(input.realtime ? ['-re'] : []),
      ...(input.loop ? ['-stream_loop', '-1'] : []),
      ...(input.inputFps ? ['-r', String(input.inputFps)] : []),
      ...(input.demuxer ? ['-f', input.demuxer] : []),
    ]
    // `file:` keeps a name like `rtp:x` from being taken for a protocol; the list keeps playlists off the network.
    const only = ['-protocol_whitelist', 'file', '-max_pixels', String(FILE_PIXELS)]
    return [...pace, ...only, '-i', `file:${input.path}`]
  }
  const live = [...FLAGS.interleaved.args(), ...FLAGS.noRateProbe.args()]
  return [...live, '-protocol_whitelist', 'rtsp,tcp', '-max_pixels', String(CAMERA_PIXELS), '-i', input.url]
}
