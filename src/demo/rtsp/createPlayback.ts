/** The state of one viewer: its transport, and the stream whose frames are sent over it. */

import type { Socket } from 'node:net'
import type { LiveStream, PacketizedFrame } from './liveStream.ts'
import { openTransport, type Transport } from './openTransport.ts'

/** A viewer this far behind loses frames until the next keyframe, which bounds memory and does not delay other viewers. */
const MAX_BUFFERED = 4 * 1024 * 1024

export interface Playback {
  /** Replaces the transport. Returns the `Transport` header of the answer; null: it is not supported. */
  setUp(header: string): Promise<string | null>
  /** False without a transport. */
  play(stream: LiveStream): boolean
  pause(): void
  /** Frees the transport. */
  release(): void
}

export function createPlayback(socket: Socket): Playback {
  let transport: Transport | null = null
  let stopWatching: (() => void) | null = null

  const pause = () => {
    stopWatching?.()
    stopWatching = null
  }
  const release = () => {
    pause()
    transport?.close()
    transport = null
  }
  return {
    pause,
    release,
    async setUp(header) {
      release()
      const opened = await openTransport(socket, header, pause)
      // The viewer left while the UDP socket was opened.
      if (socket.destroyed) opened?.close()
      else transport = opened
      return opened?.header ?? null
    },
    play(stream) {
      pause()
      const to = transport
      if (to === null) return false
      let waitingForKey = true
      stopWatching = stream.watch(({ packets, key }: PacketizedFrame) => {
        if (socket.writableLength > MAX_BUFFERED) waitingForKey = true
        else if (key) waitingForKey = false
        if (!waitingForKey) for (const packet of packets) to.send(packet)
      })
      return true
    },
  }
}
