/** A scripted camera that streams an Annex B file without end, from where it is: as a viewer finds it who joins later. */

import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { packetize } from '../../src/demo/rtsp/packetize.ts'
import { goodReply, type Reply, type Request, type ScriptedCamera, startScriptedCamera } from './scriptedCamera.ts'

export interface StreamCameraOptions {
  /** H.264 in Annex B, one slice a picture. */
  readonly video: string
  /** Pictures a second. */
  readonly fps: number
  /** Picture that a viewer gets first. Default 0. */
  readonly from?: number
  /** Instead of a good camera's answer; undefined: as a good one. */
  readonly reply?: (request: Request) => Reply | undefined
  /** After so many pictures the camera hangs up. Default: never. */
  readonly hangUpAfter?: number
}

export function startStreamCamera(options: StreamCameraOptions): Promise<ScriptedCamera> {
  const pictures = picturesOf(readFileSync(options.video))
  return startScriptedCamera(request => {
    const reply = options.reply?.(request) ?? goodReply(request)
    return request.method === 'PLAY' ? { ...reply, afterwards: socket => stream(socket, pictures, options) } : reply
  })
}

function stream(socket: Socket, pictures: readonly Buffer[][], { fps, from = 0, hangUpAfter }: StreamCameraOptions) {
  const state = { ssrc: 1, sequence: 0 }
  let n = 0
  const timer = setInterval(() => {
    const nals = pictures[(from + n) % pictures.length] ?? []
    for (const packet of packetize({ nals, key: false }, (n * 90_000) / fps, state)) {
      socket.write(Buffer.concat([Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]), packet]))
    }
    if (++n === hangUpAfter) socket.end()
  }, 1000 / fps)
  socket.on('close', () => clearInterval(timer))
}

/** NAL units by picture: parameter sets and messages go with the slice after them. */
function picturesOf(bytes: Buffer): Buffer[][] {
  const nals = bytes.toString('latin1').split('\0\0\u0001').slice(1)
  const pictures: Buffer[][] = [[]]
  for (const text of nals) {
    const nal = withoutZeros(Buffer.from(text, 'latin1'))
    pictures.at(-1)?.push(nal)
    if ([1, 5].includes((nal[0] ?? 0) & 31)) pictures.push([])
  }
  return pictures.slice(0, -1)
}

/** The next start code may have a zero more. */
function withoutZeros(nal: Buffer): Buffer {
  let end = nal.length
  while (nal[end - 1] === 0) end--
  return nal.subarray(0, end)
}
