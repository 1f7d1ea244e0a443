/** Finds codec, size, frame rate and keyframe interval of a camera or a video without decoding it. */

import { resolve } from 'node:path'
import { type Child, startChild } from '../util/childProcess.ts'
import { createDecodeErrors } from './decodeErrors.ts'
import { describeInput } from './ffmpeg/describeInput.ts'
import { displayedSize } from './ffmpeg/displayedSize.ts'
import type { Ffmpeg } from './ffmpeg/findFfmpeg.ts'
import { type FileInput, FLAGS, inputArguments, memoryBytes, type RtspInput } from './ffmpeg/flags.ts'
import { splitLines } from './ffmpeg/splitters.ts'
import { checkFile } from './file.ts'
import { demuxerFor } from './readHead.ts'
import { openRelay, type Relay } from './rtsp/openRelay.ts'
import { explainEnding, NO_VIDEO_STREAM, SourceError } from './sourceErrors.ts'

export interface ProbeOptions {
  readonly ffmpeg: Pick<Ffmpeg, 'path' | 'version'>
  readonly redact: (text: string) => string
  /** Stream time to look at, ms. Infinity: to the end. Default 6000. A camera is watched on until its second keyframe. */
  readonly forMs?: number
  /** For cameras. Default auto. */
  readonly transport?: 'auto' | 'tcp' | 'udp'
  /** Silence of a camera for this long is a failure, ms. Default 10 000. */
  readonly timeoutMs?: number
  /** How long a camera's keyframes are waited for, ms. Default 45 000. */
  readonly keyframeTimeoutMs?: number
  readonly signal?: AbortSignal
}

export interface Probed {
  /** ffmpeg's name: h264, hevc, mjpeg, … */
  readonly codec: string
  /** Pixels, as people see it: with square pixels, and turned as the file says. */
  readonly width: number
  readonly height: number
  /** Of what was seen; null for a single frame. */
  readonly fps: number | null
  /** The longest distance between keyframes seen, ms; null when fewer than two came. */
  readonly keyframeIntervalMs: number | null
  /** Video packets seen: the frames of a file when it was read to its end. */
  readonly packets: number
}

/**
 * @param target an rtsp:// or rtsps:// URL, or the path of a file
 * @throws SourceError with the reason; `video-without-stream` when there is only sound
 */
export function probe(target: string, options: ProbeOptions): Promise<Probed> {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(target) ? probeCamera(target, options) : probeFile(target, options)
}

async function probeFile(target: string, { forMs = 6000, ...options }: ProbeOptions): Promise<Probed> {
  const path = resolve(target)
  await checkFile(path)
  const limit = Number.isFinite(forMs) ? ['-t', String(forMs / 1000)] : []
  const input: FileInput = { kind: 'file', path, realtime: false, loop: false, demuxer: await demuxerFor(path) }
  const { child, seen, ended } = readPackets(input, limit, options)
  await child.exited
  if (seen.timesMs.length > 0) return summarize(seen, await rotationOf(path, options.ffmpeg))
  const { detail, reason, isOnlySound } = ended(await child.exited)
  if (isOnlySound) throw onlySound(reason)
  throw new SourceError(detail, { reason, code: 'video-damaged' })
}

const POLL_MS = 100

async function probeCamera(url: string, options: ProbeOptions): Promise<Probed> {
  const { forMs = 6000, transport = 'auto', timeoutMs = 10_000, keyframeTimeoutMs = 45_000 } = options
  const signal = options.signal ?? new AbortController().signal
  const nothing = () => {}
  const silence = { silenceTimeoutMs: timeoutMs, onWaiting: nothing, onSlow: nothing }
  const relay = await openRelay({ url, transport, decode: 'all', fps: 1, ...silence, signal })
  try {
    const { child, seen, ended } = readPackets({ kind: 'rtsp', url: relay.url }, [], options)
    const exit = await enoughSeen({ child, relay, seen, forMs, keyframeTimeoutMs })
    const lost = relay.lost()
    if (seen.timesMs.length > 0) return describeCamera(seen, relay)
    if (lost) throw lost
    if (exit === null) throw noKeyframe(relay, keyframeTimeoutMs)
    const { detail, reason, code } = ended(exit)
    throw new SourceError(detail, { reason, code })
  } finally {
    relay.close()
  }
}

interface Watched {
  readonly child: Child
  readonly relay: Relay
  readonly seen: Seen
  readonly forMs: number
  readonly keyframeTimeoutMs: number
}

/** Ends ffmpeg when enough was seen, or waited for; null then, and its exit when it ended by itself. */
async function enoughSeen({ child, relay, seen, forMs, keyframeTimeoutMs }: Watched) {
  let firstAt: number | null = null
  let exit: Awaited<Child['exited']> | null = null
  child.exited.then(ended => {
    exit = ended
  })
  while (exit === null) {
    await new Promise(next => setTimeout(next, POLL_MS))
    const { packets, keyframes } = relay.facts()
    if (packets > 0) firstAt ??= performance.now()
    if (firstAt === null) continue
    const sinceMs = performance.now() - firstAt
    const known = keyframes >= 2 || (keyframes === 0 && seen.keyframesMs.length >= 2)
    if ((known && seen.timesMs.length > 0 && sinceMs >= forMs) || sinceMs >= Math.max(forMs, keyframeTimeoutMs)) {
      await child.stop()
      return null
    }
  }
  return exit
}

function describeCamera(seen: Seen, relay: Relay): Probed {
  const found = summarize(seen)
  const { fps, keyframeIntervalMs } = relay.facts()
  return { ...found, fps: fps ?? found.fps, keyframeIntervalMs: keyframeIntervalMs ?? found.keyframeIntervalMs }
}

function noKeyframe(relay: Relay, waitedMs: number): SourceError {
  const seconds = Math.round(waitedMs / 1000)
  const means = relay.facts().packets > 0 ? 'video comes, but no keyframe' : 'no video came'
  return new SourceError(`${means} in ${seconds} s: set a shorter keyframe (I-frame) interval in the camera`, {
    reason: 'timeout',
    code: 'camera-no-keyframe',
  })
}

function onlySound(reason: SourceError['reason']): SourceError {
  return new SourceError('it has no video stream', { reason, code: 'video-without-stream' })
}

/** Starts an ffmpeg that lists packets and decodes none. */
function readPackets(
  input: RtspInput | FileInput,
  limit: readonly string[],
  { ffmpeg, redact, signal }: Pick<ProbeOptions, 'ffmpeg' | 'redact' | 'signal'>,
) {
  const quiet = [...FLAGS.quiet.args(), ...FLAGS.noKeyboard.args()]
  const output = ['-map', '0:V:0', '-c', 'copy', ...FLAGS.atOnce.args(), '-f', 'framecrc', 'pipe:1']
  const args = [...quiet, ...inputArguments(input), ...limit, ...output]
  const bound = { memoryBytes: memoryBytes({ input, hwaccel: null }) }
  const child = startChild(ffmpeg.path, { args, ...bound, ...(signal ? { signal } : {}) })
  const errors = createDecodeErrors({ redact, report: () => {} })
  const seen: Seen = { header: new Map(), timesMs: [], keyframesMs: [] }
  const splitError = splitLines()
  child.stderr.on('data', (chunk: Buffer) => {
    for (const line of splitError(chunk)) errors.add(line)
  })
  const split = splitLines()
  child.stdout.on('data', (chunk: Buffer) => {
    for (const line of split(chunk)) readLine(seen, line)
  })
  const ended = (exit: Awaited<Child['exited']>) => {
    errors.close({ discard: true })
    const lastLines = errors.lastLines()
    const isOnlySound = NO_VIDEO_STREAM.test(lastLines.join('\n'))
    return { ...explainEnding({ exit, lastLines, finalLines: lastLines, frames: 0 }), isOnlySound }
  }
  return { child, seen, ended }
}

interface Seen {
  /** `#codec_id 0: h264` and its like. */
  readonly header: Map<string, string>
  readonly timesMs: number[]
  readonly keyframesMs: number[]
}

/** ffmpeg's `framecrc`: stream, dts, pts, duration, bytes, checksum, and flags when it is not a keyframe. */
function readLine(seen: Seen, line: string): void {
  const heading = /^#(\w+) 0: (.+)$/.exec(line)
  if (heading?.[1] && heading[2]) {
    seen.header.set(heading[1], heading[2])
    return
  }
  const fields = line.split(',').map(field => field.trim())
  const time = Number(fields[2])
  if (fields[0] !== '0' || !Number.isFinite(time)) return
  const [numerator = 1, denominator = 1] = (seen.header.get('tb') ?? '1/1').split('/').map(Number)
  const ms = (time * numerator * 1000) / denominator
  seen.timesMs.push(ms)
  if (!fields.some(field => field.startsWith('F='))) seen.keyframesMs.push(ms)
}

/** Degrees by which players turn the video; 0 where the file does not say. A camera's stream has no such field. */
async function rotationOf(path: string, ffmpeg: Pick<Ffmpeg, 'path'>): Promise<number> {
  return Number(/displaymatrix: rotation of (-?[\d.]+) degrees/.exec(await describeInput(path, ffmpeg))?.[1] ?? 0)
}

function summarize({ header, timesMs, keyframesMs }: Seen, rotation = 0): Probed {
  const [width = 0, height = 0] = (header.get('dimensions') ?? '').split('x').map(Number)
  const [columns = 1, rows = 1] = (header.get('sar') ?? '1/1').split('/').map(Number)
  const span = timesMs.reduce((a, b) => Math.max(a, b), 0) - timesMs.reduce((a, b) => Math.min(a, b), Infinity)
  const intervals = keyframesMs.slice(1).map((at, i) => at - (keyframesMs[i] ?? at))
  return {
    codec: header.get('codec_id') ?? 'unknown',
    ...displayedSize({ width, height, pixelAspectRatio: columns / rows, rotation }),
    fps: span > 0 ? ((timesMs.length - 1) / span) * 1000 : null,
    keyframeIntervalMs: intervals.length > 0 ? Math.max(...intervals) : null,
    packets: timesMs.length,
  }
}
