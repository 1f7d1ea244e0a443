/** One live H.264 stream: splits the output of an encoder into frames and sends them to viewers as RTP packets. */

import { randomInt } from 'node:crypto'
import { type AccessUnit, createAccessUnitSplitter, NAL, nalType } from './createAccessUnitSplitter.ts'
import { CLOCK_RATE, PAYLOAD_TYPE, packetize } from './packetize.ts'

/** The packets of one frame. `key`: decoding can start with it. */
export interface PacketizedFrame {
  readonly packets: readonly Buffer[]
  readonly key: boolean
}

export interface LiveStream {
  /** Annex B bytes, in any portions. */
  write(chunk: Buffer): void
  /** Calls back with every frame from now on; returns a function that stops it. */
  watch(viewer: (frame: PacketizedFrame) => void): () => void
  /** Resolves when the encoder has sent its first parameter sets, which DESCRIBE needs. */
  readonly ready: Promise<void>
  /** Media description for DESCRIBE (RFC 8866); null until `ready`. */
  sdp(host: string): string | null
}

/** @param now ms on a steady clock: RTP time follows it, so a slow encoder shows as slow, not as fast-forward. */
export function createLiveStream(name: string, now: () => number): LiveStream {
  const viewers = new Set<(frame: PacketizedFrame) => void>()
  const rtp = { ssrc: randomInt(2 ** 32), sequence: randomInt(2 ** 16) }
  const startedAt = now()
  const { promise: ready, resolve: begin } = deferred()
  let sps: Buffer | null = null
  let pps: Buffer | null = null

  const publish = (unit: AccessUnit) => {
    sps = unit.nals.find(nal => nalType(nal) === NAL.sps) ?? sps
    pps = unit.nals.find(nal => nalType(nal) === NAL.pps) ?? pps
    if (sps !== null && pps !== null) begin()
    if (viewers.size === 0) return
    const timestamp = Math.round(((now() - startedAt) * CLOCK_RATE) / 1000)
    const frame = { packets: packetize(unit, timestamp, rtp), key: unit.key }
    for (const viewer of viewers) viewer(frame)
  }

  return {
    ready,
    write: createAccessUnitSplitter(publish),
    watch(viewer) {
      viewers.add(viewer)
      return () => viewers.delete(viewer)
    },
    sdp(host) {
      if (sps === null || pps === null) return null
      const profile = sps.subarray(1, 4).toString('hex')
      return [
        'v=0',
        `o=- 0 0 IN IP4 ${host}`,
        `s=${name}`,
        `c=IN IP4 ${host}`,
        't=0 0',
        'a=control:*',
        `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
        `a=rtpmap:${PAYLOAD_TYPE} H264/${CLOCK_RATE}`,
        `a=fmtp:${PAYLOAD_TYPE} packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sps.toString('base64')},${pps.toString('base64')}`,
        'a=control:track0',
        '',
      ].join('\r\n')
    },
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
