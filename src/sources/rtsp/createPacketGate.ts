/**
 * Decides which RTP packets of a camera reach ffmpeg: none before the first keyframe, then all of them or keyframes
 * only. One connection and one ffmpeg serve both, so that `decode: auto` can change at each keyframe.
 */

import { NOTHING_SEEN, watchKeyframes } from '../watchKeyframes.ts'
import { createSlotClock, type SlotClock } from './createSlotClock.ts'
import { createStreamStatistics } from './createStreamStatistics.ts'
import { type InspectedCodec, inspectPacket, type PacketContent } from './inspectPacket.ts'

export interface PacketGateOptions {
  /** null: a codec that is not inspected; all of its packets pass. */
  readonly codec: InspectedCodec | null
  /** RTP clock, Hz. */
  readonly clockRate: number
  readonly decode: 'auto' | 'all' | 'keyframes'
  /** Frames a second that are wanted. */
  readonly fps: number
  /** Called with each packet that ffmpeg needs, in order. */
  readonly forward: (packet: Buffer) => void
  /** Called at each keyframe, before its first packet is forwarded. */
  readonly onKeyframe?: (nowMs: number) => void
}

export interface GateFacts {
  /** ffmpeg can decode nothing until the next keyframe. */
  readonly waitsForKeyframe: boolean
  readonly keyframes: number
  /** Between the last two keyframes, ms; null before the second. */
  readonly keyframeIntervalMs: number | null
  /** Frames a second by the camera's own clock; null before the third. */
  readonly fps: number | null
}

export interface PacketGate {
  /** Takes the camera's next packet. Changes its sequence number and timestamp in place. */
  take(packet: Buffer, nowMs: number): void
  facts(): GateFacts
}

const RTP_HEAD = 12
/** An access unit delimiter ends a frame for ffmpeg's parser, which otherwise waits for the next one. */
const DELIMITERS = { h264: Buffer.from([0x09, 0xf0]), h265: Buffer.from([0x46, 0x01, 0x50]) } as const
/** With B-frames a decoder holds keyframes back: two frames out of order show that there are some. */
const ENOUGH_REORDERED = 2

/** Where in its slot a frame must be so that ffmpeg, whose count may be off by a frame, has surely sampled the slot. */
const SURELY_SAMPLED = { from: 0.25, to: 0.75 }

/**
 * `join`: until a frame where decoding can begin. `switching`: all, until the slot has its frame; from then on
 * `keyframes`, of which only as many pass as `fps` needs.
 */
type Mode = 'join' | 'all' | 'switching' | 'keyframes'

export function createPacketGate(options: PacketGateOptions): PacketGate {
  const { codec, clockRate, decode, fps, forward, onKeyframe = () => {} } = options
  const statistics = createStreamStatistics(clockRate)
  const clock = createSlotClock({ clockRate, fps })
  const sender = createSender({ codec, clock, forward })
  let mode: Mode = codec === null ? 'all' : 'join'
  let watch = NOTHING_SEEN
  /** Of the frame whose packets are arriving. `position`: in its slot; null before its first packet was sent. */
  let frameTime: number | null = null
  let isKeyframe = false
  let isWanted = false
  let position: number | null = null

  const beginFrame = (time: number) => {
    frameTime = time
    isKeyframe = false
    isWanted = false
    position = null
    statistics.addFrame(time)
  }
  const beginKeyframe = (time: number, nowMs: number) => {
    isKeyframe = true
    statistics.addKeyframe(time, nowMs)
    const [next, { enough }] = watchKeyframes(watch, nowMs, fps)
    watch = next
    // The first group whole: a decoder that delays frames shows the first one sooner.
    const only =
      (decode === 'keyframes' && statistics.keyframes() > 1) ||
      (decode === 'auto' && enough && statistics.reordered() < ENOUGH_REORDERED)
    if (!only) mode = 'all'
    else if (mode !== 'keyframes') mode = mode === 'switching' ? 'keyframes' : 'switching'
    if (mode === 'keyframes' && clock.isDue(nowMs)) {
      isWanted = true
      clock.advance(nowMs)
    }
    onKeyframe(nowMs)
  }
  const sendFrame = (packet: Buffer, nowMs: number) => {
    position ??= clock.arrive(nowMs)
    sender.send(packet)
    const isSampled = position >= SURELY_SAMPLED.from && position < SURELY_SAMPLED.to
    if (mode !== 'switching' || !isSampled || !isLast(packet)) return
    sender.sendDelimiter(packet)
    mode = 'keyframes'
  }
  const takeInspected = (packet: Buffer, { keyframe, parameters, entry }: PacketContent, nowMs: number) => {
    if (keyframe && !isKeyframe) beginKeyframe(packet.readUInt32BE(4), nowMs)
    if (mode === 'join' && entry) mode = 'all'
    if (mode === 'all' || mode === 'switching' || (mode === 'join' && parameters)) sendFrame(packet, nowMs)
    else if (keyframe && isWanted) sender.sendKeyframe(packet)
    else if (parameters) sender.send(packet, clock.nextTicks())
    else sender.leaveOut()
  }

  return {
    take(packet, nowMs) {
      if (packet.length <= RTP_HEAD || (packet[0] ?? 0) >> 6 !== 2) return
      const time = packet.readUInt32BE(4)
      if (time !== frameTime) beginFrame(time)
      if (codec === null) return sendFrame(packet, nowMs)
      takeInspected(packet, inspectPacket(codec, packet), nowMs)
    },
    facts: () => ({
      waitsForKeyframe: mode === 'join' || mode === 'keyframes',
      keyframes: statistics.keyframes(),
      keyframeIntervalMs: statistics.keyframeIntervalMs(),
      fps: statistics.fps(),
    }),
  }
}

interface SenderOptions extends Pick<PacketGateOptions, 'codec' | 'forward'> {
  readonly clock: SlotClock
}

/** Numbers the packets that pass without gaps, and gives them timestamps of the slot clock. */
function createSender({ codec, clock, forward }: SenderOptions) {
  let shift = 0
  const send = (packet: Buffer, ticks = clock.ticks()) => {
    packet.writeUInt16BE((packet.readUInt16BE(2) + shift) & 0xffff, 2)
    packet.writeUInt32BE(ticks, 4)
    forward(packet)
  }
  /** ffmpeg takes a frame's time from its first unit: the delimiter has that of the next keyframe. */
  const sendDelimiter = (after: Buffer) => {
    if (codec === null) return
    shift++
    const packet = Buffer.concat([after.subarray(0, RTP_HEAD), DELIMITERS[codec]])
    packet[0] = 0x80
    packet[1] = (after[1] ?? 0) & 0x7f
    packet.writeUInt16BE((after.readUInt16BE(2) + 1) & 0xffff, 2)
    packet.writeUInt32BE(clock.nextTicks(), 4)
    forward(packet)
  }
  const sendKeyframe = (packet: Buffer) => {
    send(packet)
    if (isLast(packet)) sendDelimiter(packet)
  }
  const leaveOut = () => {
    shift--
  }
  return { send, sendDelimiter, sendKeyframe, leaveOut }
}

/** The marker bit: of the last packet of a frame (RFC 6184, 5.1). */
function isLast(packet: Buffer): boolean {
  return ((packet[1] ?? 0) & 0x80) !== 0
}
