/**
 * Decides which RTP packets of a camera reach ffmpeg: none before the first keyframe, then all of them or keyframes
 * only. One connection and one ffmpeg serve both, so that `decode: auto` can change at each keyframe.
 */

import { NOTHING_SEEN, watchKeyframes } from '../keyframes.ts'
import { createStreamStatistics } from './createStreamStatistics.ts'
import { type InspectedCodec, inspectPacket } from './inspectPacket.ts'

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

export function createPacketGate(options: PacketGateOptions): PacketGate {
  const { codec, clockRate, decode, fps, forward, onKeyframe = () => {} } = options
  const statistics = createStreamStatistics(clockRate)
  let mode: 'join' | 'all' | 'keyframes' = codec === null ? 'all' : 'join'
  /** Of the frame whose packets are arriving. */
  let frameTime: number | null = null
  let isKeyframe = false
  let outTime = 0
  let shift = 0
  let watch = NOTHING_SEEN

  const beginFrame = (time: number, nowMs: number) => {
    frameTime = time
    isKeyframe = false
    statistics.addFrame(time)
    // Arrival on a clock that never jumps, whatever the camera's clock does; no two frames share a tick.
    outTime = Math.max(outTime + clockRate / 1000, (nowMs * clockRate) / 1000)
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
    mode = only ? 'keyframes' : 'all'
    onKeyframe(nowMs)
  }
  const send = (packet: Buffer) => {
    packet.writeUInt16BE((packet.readUInt16BE(2) + shift) & 0xffff, 2)
    packet.writeUInt32BE(Math.round(outTime) % 2 ** 32, 4)
    forward(packet)
  }
  const sendDelimiter = (after: Buffer) => {
    if (codec === null) return
    shift++
    outTime += clockRate / 1000
    const packet = Buffer.concat([after.subarray(0, RTP_HEAD), DELIMITERS[codec]])
    packet[0] = 0x80
    packet[1] = (after[1] ?? 0) & 0x7f
    packet.writeUInt16BE((after.readUInt16BE(2) + 1) & 0xffff, 2)
    packet.writeUInt32BE(Math.round(outTime) % 2 ** 32, 4)
    forward(packet)
  }
  const sendOfKeyframe = (packet: Buffer) => {
    send(packet)
    const isLast = ((packet[1] ?? 0) & 0x80) !== 0
    if (isLast) sendDelimiter(packet)
  }

  return {
    take(packet, nowMs) {
      if (packet.length <= RTP_HEAD || (packet[0] ?? 0) >> 6 !== 2) return
      const time = packet.readUInt32BE(4)
      if (time !== frameTime) beginFrame(time, nowMs)
      if (codec === null) return send(packet)
      const { keyframe, parameters, entry } = inspectPacket(codec, packet)
      if (keyframe && !isKeyframe) beginKeyframe(time, nowMs)
      if (mode === 'join' && entry) mode = 'all'
      if (mode === 'all') send(packet)
      else if (keyframe) sendOfKeyframe(packet)
      else if (parameters) send(packet)
      else shift--
    },
    facts: () => ({
      waitsForKeyframe: mode !== 'all',
      keyframes: statistics.keyframes(),
      keyframeIntervalMs: statistics.keyframeIntervalMs(),
      fps: statistics.fps(),
    }),
  }
}
