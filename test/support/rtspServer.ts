/** Starts a real RTSP server (Debian's gst-rtsp-server) that loops a video on a free loopback port. */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '../../src/util/childProcess.ts'
import { isRunning } from './processes.ts'

const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('rtspServer.py', import.meta.url))
/** Annex B, 480x360, 10 frames a second, a keyframe every second. */
const CAMPUS = fileURLToPath(new URL('../fixtures/video/campus.h264', import.meta.url))

export interface RtspServerOptions {
  /** `.h264`: Annex B without B-frames; `.mjpeg`: JPEGs with the standard Huffman tables. Default: the campus footage. */
  readonly video?: string
  /** Frames a second. Default 10. */
  readonly fps?: number
  /** Required by digest authentication. */
  readonly login?: { readonly user: string; readonly password: string }
  /** Default: a free one. */
  readonly port?: number
}

export interface RtspServer {
  readonly port: number
  /** rtsp://127.0.0.1:port/cam, with the login in it. */
  readonly url: string
  /** The server stops answering and sending; the connection stays open. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Whether its Debian packages are installed. Under CI the answer is yes: there a missing part must fail. */
export function hasRtspServer(): boolean {
  if (process.env.CI) return true
  const program = 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer'
  try {
    execFileSync(PYTHON, ['-c', program], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('skipped: python3-gi and gir1.2-gst-rtsp-server-1.0 are not installed')
    return false
  }
}

export async function startRtspServer(options: RtspServerOptions = {}): Promise<RtspServer> {
  const { video = CAMPUS, fps = 10, login, port = 0 } = options
  const args = [SCRIPT, video, String(fps), login?.user ?? '', login?.password ?? '', String(port)]
  const child = startChild(PYTHON, { args })
  const bound = await portOf(child)
  const credentials = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@` : ''
  const signal = (name: NodeJS.Signals) => {
    if (child.pid !== null && isRunning(child.pid)) process.kill(child.pid, name)
  }
  return {
    port: bound,
    url: `rtsp://${credentials}127.0.0.1:${bound}/cam`,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async stop() {
      signal('SIGCONT')
      await child.stop()
    },
  }
}

function portOf(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    let complaints = ''
    let said = ''
    child.stderr.on('data', chunk => {
      complaints += chunk
    })
    child.stdout.on('data', chunk => {
      said += chunk
      const port = /^port (\d+)\n/.exec(said)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.exited.then(() => reject(new Error(`the RTSP server did not start: ${complaints}`)))
  })
}
