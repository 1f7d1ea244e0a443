/**
 * Decides which RTP packets of a camera reach ffmpeg: none before the first keyframe, then all of them or keyframes alone.
 * One connection and one ffmpeg serve both, so that `decode: auto` can change at each keyframe.
 */

import { NOTHING_SEEN, watchKeyframes } from '../keyframes.ts'
import { type InspectedCodec, inspectPacket, type PacketContent } from './inspectPacket.ts'

export interface PacketGateOptions {
  /** null: a codec that is not looked into; all of its packets pass. */
  readonly codec: InspectedCodec | null
  /** RTP clock, Hz. */
  readonly clockRate: number
  readonly decode: 'auto' | 'all' | 'keyframes'
  /** Pictures a second that are wanted. */
  readonly fps: number
}

export interface GateFacts {
  /** ffmpeg can make no picture until the next keyframe. */
  readonly waitsForKeyframe: boolean
  readonly keyframes: number
  /** Between the last two keyframes, ms; null before the second. */
  readonly keyframeIntervalMs: number | null
  /** Pictures a second by the camera's own clock; null before the third. */
  readonly fps: number | null
}

export interface PacketGate {
  /** Gives the packets to hand on, in order. Changes sequence number and time stamp in place. */
  take(packet: Buffer, nowMs: number): readonly Buffer[]
  facts(): GateFacts
}

interface PictureSeen {
  readonly time: number
  isKeyframe: boolean
}

const RTP_HEAD = 12
/** Ends a picture for ffmpeg's parser, which otherwise waits for the next one: an access unit delimiter. */
const DELIMITERS = { h264: Buffer.from([0x09, 0xf0]), h265: Buffer.from([0x46, 0x01, 0x50]) } as const
/** Pictures whose times are kept for the frame rate. */
const KEPT_TIMES = 200
/** With B-frames a decoder holds keyframes back: two pictures out of order show that there are some. */
const ENOUGH_REORDERED = 2

export function createPacketGate({ codec, clockRate, decode, fps }: PacketGateOptions): PacketGate {
  let mode: 'join' | 'all' | 'keyframes' = codec === null ? 'all' : 'join'
  let picture: PictureSeen | null = null
  let outTime = 0
  let shift = 0
  let watch = NOTHING_SEEN
  let keyframes = 0
  let lastKeyframe: { readonly at: number; readonly time: number } | null = null
  let keyframeIntervalMs: number | null = null
  let reordered = 0
  /** Of the last pictures, on the camera's clock, in ticks from the first on. */
  const times: number[] = []

  const onKeyframe = (time: number, nowMs: number) => {
    keyframes++
    if (lastKeyframe !== null) {
      const byCameraMs = (((time - lastKeyframe.time) | 0) * 1000) / clockRate
      const byArrivalMs = nowMs - lastKeyframe.at
      // The camera's clock is exact, unless it jumps.
      keyframeIntervalMs = Math.abs(byCameraMs - byArrivalMs) < 2000 ? byCameraMs : byArrivalMs
    }
    lastKeyframe = { at: nowMs, time }
    const [next, { enough }] = watchKeyframes(watch, nowMs, fps)
    watch = next
    // The first group whole: a decoder that holds pictures back shows the first one sooner.
    const alone =
      (decode === 'keyframes' && keyframes > 1) || (decode === 'auto' && enough && reordered < ENOUGH_REORDERED)
    mode = alone ? 'keyframes' : 'all'
  }
  const beginPicture = (time: number, nowMs: number): PictureSeen => {
    if (picture) {
      const step = (time - picture.time) | 0
      if (step < 0 && step > -2 * clockRate) reordered++
      // After a jump of the clock, timing starts again.
      if (Math.abs(step) > 60 * clockRate) times.length = 0
      times.push((times.at(-1) ?? 0) + step)
      if (times.length > KEPT_TIMES) times.shift()
    }
    picture = { time, isKeyframe: false }
    // Arrival on a clock that never jumps, whatever the camera's clock does; two pictures never share a tick.
    outTime = Math.max(outTime + clockRate / 1000, (nowMs * clockRate) / 1000)
    return picture
  }
  const stamp = (packet: Buffer): Buffer => {
    packet.writeUInt16BE((packet.readUInt16BE(2) + shift) & 0xffff, 2)
    packet.writeUInt32BE(Math.round(outTime) % 2 ** 32, 4)
    return packet
  }
  const delimiter = (after: Buffer): Buffer => {
    shift++
    outTime += clockRate / 1000
    const packet = Buffer.concat([after.subarray(0, RTP_HEAD), codec ? DELIMITERS[codec] : Buffer.alloc(0)])
    packet[0] = 0x80
    packet[1] = (after[1] ?? 0) & 0x7f
    packet.writeUInt16BE((after.readUInt16BE(2) + 1) & 0xffff, 2)
    packet.writeUInt32BE(Math.round(outTime) % 2 ** 32, 4)
    return packet
  }

  /** Those of the packet that ffmpeg needs in this mode. */
  const select = (packet: Buffer, { keyframe, parameters }: PacketContent): readonly Buffer[] => {
    if (mode === 'all') return [stamp(packet)]
    if (keyframe || parameters) {
      const stamped = stamp(packet)
      const isLast = ((packet[1] ?? 0) & 0x80) !== 0
      return keyframe && isLast ? [stamped, delimiter(stamped)] : [stamped]
    }
    shift--
    return []
  }

  return {
    take(packet, nowMs) {
      if (packet.length <= RTP_HEAD || (packet[0] ?? 0) >> 6 !== 2) return []
      const time = packet.readUInt32BE(4)
      const now = picture?.time === time && picture !== null ? picture : beginPicture(time, nowMs)
      if (codec === null) return [stamp(packet)]
      const content = inspectPacket(codec, packet)
      if (content.keyframe && !now.isKeyframe) {
        now.isKeyframe = true
        onKeyframe(time, nowMs)
      }
      if (mode === 'join' && content.entry) mode = 'all'
      return select(packet, content)
    },
    facts: () => ({
      waitsForKeyframe: mode !== 'all',
      keyframes,
      keyframeIntervalMs,
      // When asked for: the facts are looked at for each packet, and this sorts.
      get fps() {
        return rateOf(times, clockRate)
      },
    }),
  }
}

/** By the median step between neighbours: a pause or a burst changes nothing. */
function rateOf(times: readonly number[], clockRate: number): number | null {
  const sorted = [...times].sort((a, b) => a - b)
  const steps = sorted.slice(1).map((time, i) => time - (sorted[i] ?? time))
  const step = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]
  return step === undefined || step <= 0 ? null : clockRate / step
}
