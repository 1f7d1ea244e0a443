/** Between a camera and its ffmpeg: talks to the camera, hands packets to ffmpeg, and knows what is being waited for. */

import { messageOf } from '../../util/errors.ts'
import { SourceError } from '../sourceErrors.ts'
import { createPacketGate, type GateFacts } from './createPacketGate.ts'
import { inspectedCodec } from './inspectPacket.ts'
import { openCameraSession, type Session } from './openCameraSession.ts'
import { serveFfmpeg } from './serveFfmpeg.ts'

export interface RelayOptions {
  /** rtsp:// or rtsps://, with user and password if the camera wants them. */
  readonly url: string
  readonly transport: 'auto' | 'tcp' | 'udp'
  readonly decode: 'auto' | 'all' | 'keyframes'
  /** Frames a second that are wanted. */
  readonly fps: number
  /** No packet for this long after the first: lost, ms. */
  readonly silenceTimeoutMs: number
  /** For an answer, and for the first packet: a server may start its source on demand, ms. Default 30 000. */
  readonly startTimeoutMs?: number
  readonly signal: AbortSignal
  /** Called about once a second while no frame can come yet. */
  readonly onWaiting: () => void
  /** What makes the camera slow, with its number, once each. */
  readonly onSlow: (detail: string) => void
}

export interface Relay {
  /** What ffmpeg opens. */
  readonly url: string
  /** ffmpeg's decoder must leave out all but keyframes by itself: the codec is not looked into. */
  readonly skipsInDecoder: boolean
  /** Why the camera was lost; null while it is there. */
  lost(): SourceError | null
  facts(): GateFacts & { readonly packets: number }
  /** ffmpeg has decoded a frame. */
  frameCame(): void
  close(): void
}

const CONNECT_TIMEOUT_MS = 10_000
const START_TIMEOUT_MS = 30_000
/** Cameras that save bandwidth send a keyframe every few minutes at most. */
const KEYFRAME_TIMEOUT_MS = 300_000
const TICK_MS = 1000
/** Shorter waits are not reported. */
const SLOW_MS = 5000
/** A decoder delays a few frames; after more keyframes than that without a frame, the stall timeout counts. */
const KEYFRAMES_HELD = 5

/** @throws SourceError, and `camera-url-invalid` */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { decode, fps, signal } = options
  const startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS
  const session = await openSession(options, startTimeoutMs)
  const local = await serveFfmpeg(session.video.sdp)
  const codec = inspectedCodec(session.video.codec)
  let lost: SourceError | null = null
  let closed = false

  const close = () => {
    if (closed) return
    closed = true
    clearInterval(tick)
    session.close()
    local.close()
  }
  const lose = (reason: SourceError) => {
    lost ??= reason
    close()
  }
  const { clockRate } = session.video
  const onKeyframe = (now: number) => watch.keyframeCame(now, gate.facts())
  const gate = createPacketGate({ codec, clockRate, decode, fps, forward: local.send, onKeyframe })
  const watch = new PacketWatch({ ...options, startTimeoutMs, onLost: lose })
  session.onLost = lose
  session.onPacket = packet => {
    const now = performance.now()
    watch.packetCame(now)
    gate.take(packet, now)
  }
  local.onFull = () => session.pause()
  local.onDrain = () => session.resume()
  const tick = setInterval(() => watch.check(performance.now(), gate.facts()), TICK_MS)
  local.playing
    .then(() => {
      watch.playBegins(performance.now())
      return closed ? undefined : session.play()
    })
    .catch(error => lose(error instanceof SourceError ? error : new SourceError(messageOf(error), { reason: 'crash' })))
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  return {
    url: local.url,
    skipsInDecoder: decode === 'keyframes' && codec === null,
    lost: () => lost,
    facts: () => ({ ...gate.facts(), packets: watch.packets }),
    frameCame: () => watch.frameCame(gate.facts()),
    close,
  }
}

async function openSession(options: RelayOptions, startTimeoutMs: number): Promise<Session> {
  const { url, transport, signal, onWaiting, onSlow } = options
  const startedAt = performance.now()
  // The session ends itself in bounded time; until then it is right to wait.
  const opening = setInterval(onWaiting, TICK_MS)
  const timeouts = { connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, startTimeoutMs), answerTimeoutMs: startTimeoutMs }
  const session = await openCameraSession({ url, transport, ...timeouts, signal }).finally(() => clearInterval(opening))
  const tookMs = performance.now() - startedAt
  if (tookMs > SLOW_MS) onSlow(`the camera took ${seconds(tookMs)} to answer`)
  return session
}

interface PacketWatchOptions extends Pick<RelayOptions, 'silenceTimeoutMs' | 'onWaiting' | 'onSlow'> {
  readonly startTimeoutMs: number
  readonly onLost: (reason: SourceError) => void
}

/** Watches what one camera sends: reports what it waits for, and that packets or keyframes no longer come. */
class PacketWatch {
  packets = 0
  readonly #options: PacketWatchOptions
  #lastPacketAt = performance.now()
  #lastKeyframeAt = performance.now()
  #keyframesAtFrame = 0
  #reportedIntervalMs = SLOW_MS
  #isWaitReported = false

  constructor(options: PacketWatchOptions) {
    this.#options = options
  }

  playBegins(now: number): void {
    this.#lastPacketAt = now
  }

  packetCame(now: number): void {
    if (this.packets++ === 0) this.#lastKeyframeAt = now
    this.#lastPacketAt = now
  }

  keyframeCame(now: number, { keyframeIntervalMs }: GateFacts): void {
    this.#lastKeyframeAt = now
    const intervalMs = keyframeIntervalMs ?? 0
    if (intervalMs <= this.#reportedIntervalMs * 1.5) return
    this.#reportedIntervalMs = intervalMs
    const advice = "set a shorter keyframe (I-frame) interval in the camera's settings"
    this.#options.onSlow(
      `a keyframe every ${seconds(intervalMs)}: whenever the camera connects, its first frame takes up to that long; ${advice}`,
    )
  }

  frameCame({ keyframes }: GateFacts): void {
    this.#keyframesAtFrame = keyframes
  }

  /** Once a tick. */
  check(now: number, { waitsForKeyframe, keyframes }: GateFacts) {
    const { startTimeoutMs, silenceTimeoutMs, onWaiting, onLost } = this.#options
    const silentMs = now - this.#lastPacketAt
    if (this.packets === 0) {
      if (silentMs <= startTimeoutMs) return onWaiting()
      return onLost(new SourceError(`connected, but no video came for ${seconds(silentMs)}`, { reason: 'timeout' }))
    }
    if (silentMs > silenceTimeoutMs)
      return onLost(new SourceError(`the camera has sent nothing for ${seconds(silentMs)}`, { reason: 'timeout' }))
    if (!waitsForKeyframe || silentMs > 2 * TICK_MS || keyframes - this.#keyframesAtFrame > KEYFRAMES_HELD) return
    const waitedMs = now - this.#lastKeyframeAt
    if (keyframes === 0) this.#reportLongWait(waitedMs)
    if (waitedMs <= KEYFRAME_TIMEOUT_MS) return onWaiting()
    const means = `video comes, but no keyframe in ${seconds(KEYFRAME_TIMEOUT_MS)}: set a keyframe (I-frame) interval in the camera`
    onLost(new SourceError(means, { reason: 'timeout', code: 'camera-no-keyframe' }))
  }

  #reportLongWait(waitedMs: number): void {
    if (waitedMs <= SLOW_MS || this.#isWaitReported) return
    this.#isWaitReported = true
    this.#options.onSlow(`no keyframe for ${seconds(waitedMs)}: the first frame comes with the next one`)
  }
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}
