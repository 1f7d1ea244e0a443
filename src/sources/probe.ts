/** Looks at a camera or a video without decoding it: what is in it, how large, how often, how far apart keyframes are. */

import { resolve } from 'node:path'
import { startChild } from '../util/child.ts'
import { parseCameraUrl, withAddress } from './address.ts'
import { createComplaints } from './complaints.ts'
import type { Ffmpeg } from './ffmpeg/find.ts'
import { type FileInput, FLAGS, inputArguments, type RtspInput } from './ffmpeg/flags.ts'
import { splitLines } from './ffmpeg/split.ts'
import { checkFile } from './file.ts'
import { explainEnding, NO_VIDEO_STREAM, SourceLost } from './loss.ts'

export interface ProbeOptions {
  readonly ffmpeg: Pick<Ffmpeg, 'path' | 'version' | 'isStatic'>
  readonly redact: (text: string) => string
  /** Stream time to look at, ms. Infinity: to the end. Default 6000. */
  readonly forMs?: number
  /** For cameras. Default tcp. */
  readonly transport?: 'tcp' | 'udp'
  /** Silence of a camera for this long is a failure, ms. Default 10 000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface Probed {
  /** ffmpeg's name: h264, hevc, mjpeg, … */
  readonly codec: string
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Mean over what was seen; null for a single frame. */
  readonly fps: number | null
  /** The longest distance between keyframes seen, ms; null when fewer than two came. */
  readonly keyframeIntervalMs: number | null
  /** Video packets seen: the frames of a file when it was read to its end. */
  readonly packets: number
}

/**
 * @param target an rtsp:// or rtsps:// URL, or the path of a file
 * @throws SourceLost with the reason; `video-without-picture` when there is only sound
 */
export async function probe(target: string, options: ProbeOptions): Promise<Probed> {
  const { ffmpeg, redact, forMs = 6000, timeoutMs = 10_000 } = options
  const isCamera = /^[a-z][a-z0-9+.-]+:\/\//i.test(target)
  const input = isCamera ? await cameraInput(target, options, timeoutMs) : await fileInput(target)
  const { args, input: script } = inputArguments(ffmpeg.version, input)
  const limit = Number.isFinite(forMs) ? ['-t', String(forMs / 1000)] : []
  const quiet = [...FLAGS.quiet.args(), ...FLAGS.noKeyboard.args()]
  const output = ['-map', '0:V:0', '-c', 'copy', ...FLAGS.atOnce.args(), '-f', 'framecrc', 'pipe:1']
  // A camera may send nothing for ever: `-t` alone waits for packets that do not come.
  const deadlines = isCamera ? [AbortSignal.timeout(timeoutMs + (Number.isFinite(forMs) ? forMs : 0))] : []
  const signal = AbortSignal.any([...deadlines, ...(options.signal ? [options.signal] : [])])
  const startedAt = performance.now()
  const child = startChild(ffmpeg.path, { args: [...quiet, ...args, ...limit, ...output], input: script, signal })

  const complaints = createComplaints({ redact, report: () => {} })
  const seen: Seen = { header: new Map(), timesMs: [], keyframesMs: [] }
  const splitError = splitLines()
  child.stderr.on('data', (chunk: Buffer) => {
    for (const line of splitError(chunk)) complaints.add(line)
  })
  const split = splitLines()
  child.stdout.on('data', (chunk: Buffer) => {
    for (const line of split(chunk)) readLine(seen, line)
  })
  const exit = await child.exited
  complaints.close({ discard: true })
  if (seen.timesMs.length > 0) return summarize(seen)
  if (deadlines.some(({ aborted }) => aborted)) {
    throw new SourceLost(`no video came within ${(timeoutMs + forMs) / 1000} s`, { reason: 'timeout' })
  }
  const lastWords = complaints.lastWords()
  const { reason, detail } = explainEnding({
    exit,
    lastWords,
    pictures: 0,
    ranForMs: performance.now() - startedAt,
    socketTimeoutMs: isCamera ? timeoutMs : null,
  })
  if (NO_VIDEO_STREAM.test(lastWords.join('\n'))) {
    throw new SourceLost('there is no picture in it, at most sound', { reason, code: 'video-without-picture' })
  }
  throw new SourceLost(detail, isCamera ? { reason } : { reason, code: 'video-damaged' })
}

async function cameraInput(target: string, options: ProbeOptions, socketTimeoutMs: number): Promise<RtspInput> {
  const parsed = parseCameraUrl(target)
  const url = options.ffmpeg.isStatic ? await withAddress(parsed) : parsed.href
  return { kind: 'rtsp', url, transport: options.transport ?? 'tcp', socketTimeoutMs }
}

async function fileInput(target: string): Promise<FileInput> {
  const path = resolve(target)
  await checkFile(path)
  return { kind: 'file', path, realtime: false, loop: false }
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

function summarize({ header, timesMs, keyframesMs }: Seen): Probed {
  const [width = 0, height = 0] = (header.get('dimensions') ?? '').split('x').map(Number)
  const span = timesMs.reduce((a, b) => Math.max(a, b), 0) - timesMs.reduce((a, b) => Math.min(a, b), Infinity)
  const intervals = keyframesMs.slice(1).map((at, i) => at - (keyframesMs[i] ?? at))
  return {
    codec: header.get('codec_id') ?? 'unknown',
    width,
    height,
    fps: span > 0 ? ((timesMs.length - 1) / span) * 1000 : null,
    keyframeIntervalMs: intervals.length > 0 ? Math.max(...intervals) : null,
    packets: timesMs.length,
  }
}
