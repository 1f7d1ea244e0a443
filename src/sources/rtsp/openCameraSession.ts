/** The dialogue with a camera up to the point where it would play: describe, log in, set up one video stream. */

import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { messageOf } from '../../util/errors.ts'
import { parseCameraUrl } from '../parseCameraUrl.ts'
import { SourceError } from '../sourceErrors.ts'
import { createReceiverReport } from './createReceiverReport.ts'
import type { RtspMessage } from './createRtspReader.ts'
import { type Dialogue, openDialogue } from './openDialogue.ts'
import { openUdp, type UdpPorts } from './openUdp.ts'
import { readSdp, type VideoDescription } from './readSdp.ts'
import { refusal, statusOf, transportRefusal } from './refusal.ts'
import { bare, redirectError, redirected, type Target, uriOf } from './target.ts'

export interface SessionOptions {
  /** With user and password if the camera wants them. */
  readonly url: string
  /** `auto`: TCP, and UDP where the camera refuses TCP. */
  readonly transport: 'auto' | 'tcp' | 'udp'
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly signal: AbortSignal
}

export interface Session {
  readonly video: VideoDescription
  /** @throws SourceError */
  play(): Promise<void>
  onPacket: (packet: Buffer) => void
  onLost: (reason: SourceError) => void
  /** Until `resume`, the camera waits (TCP), or its packets are dropped (UDP). */
  pause(): void
  resume(): void
  /** Tells the camera, so that it does not count this viewer any longer. */
  close(): void
}

const REDIRECTS = 3
/** RFC 2326, 12.37. */
const SESSION_TIMEOUT_S = 60
/** RFC 3550, 6.2: the usual least time between two. */
const REPORT_EVERY_MS = 5000

/** Every connection goes to the host of the URL. @throws SourceError, and `camera-url-invalid` */
export async function openCameraSession(options: SessionOptions): Promise<Session> {
  const url = parseCameraUrl(options.url)
  const address = await addressOf(url)
  let target: Target = { url, address, mayLogIn: true }
  for (let redirects = 0; ; redirects++) {
    const dialogue = await openDialogue(target, options)
    try {
      const offered = await dialogue.ask('OPTIONS', uriOf(target.url))
      const described = await dialogue.ask('DESCRIBE', uriOf(target.url), ['Accept: application/sdp'])
      const status = statusOf(described)
      if (status >= 300 && status < 400) {
        if (redirects === REDIRECTS) throw redirectError('in circles')
        target = redirected(target, described.header('location') ?? '', { url, address })
        dialogue.connection.close()
        continue
      }
      if (status !== 200) throw refusal(described, 'DESCRIBE')
      const base = described.header('content-base') ?? uriOf(target.url)
      return await setUp(
        dialogue,
        { video: readSdp(described.body), base, publicMethods: offered.header('public') ?? '' },
        options,
      )
    } catch (error) {
      dialogue.connection.close()
      throw error
    }
  }
}

async function addressOf({ hostname }: URL): Promise<string> {
  const host = bare(hostname)
  if (isIP(host) !== 0) return host
  const found: LookupAddress = await lookup(host).catch(error => {
    throw new SourceError(`no such host: ${host} (${messageOf(error)})`, { reason: 'not-found', cause: error })
  })
  return found.address
}

interface Described {
  readonly video: VideoDescription
  readonly base: string
  readonly publicMethods: string
}

/** What SETUP has agreed on. `udp` null: packets come over the connection, on `channel`. */
interface Agreed {
  readonly udp: UdpPorts | null
  readonly channel: number
  readonly serverPort: number
  /** The `Session` header of later requests. */
  readonly inSession: readonly string[]
  readonly timeoutS: number
}

async function setUp(dialogue: Dialogue, described: Described, options: SessionOptions): Promise<Session> {
  const { connection, ask, notify } = dialogue
  const { video, base, publicMethods } = described
  const uri = video.control === null || video.control === '*' ? base : resolveControl(base, video.control)
  const aggregate = /^rtsps?:\/\//i.test(video.sessionControl ?? '') ? (video.sessionControl ?? base) : base
  const receiver = createReceiverReport()
  /** Over UDP the camera cannot be made to wait. */
  let dropping = false
  const onUdpPacket = (packet: Buffer) => {
    // Before it is handed on, where it is changed in place.
    receiver.saw(packet)
    if (!dropping) session.onPacket(packet)
  }
  const agreed = await agree(dialogue, { uri, transport: options.transport, onUdpPacket })
  const { udp, channel, serverPort, inSession, timeoutS } = agreed
  const sendReport = () => {
    const report = receiver.report()
    if (report) udp?.sendReport(report)
  }
  const keepAliveMethod = /\bGET_PARAMETER\b/i.test(publicMethods) ? 'GET_PARAMETER' : 'OPTIONS'
  let keepAlive: NodeJS.Timeout | undefined
  let reporting: NodeJS.Timeout | undefined
  let closed = false

  const session: Session = {
    video,
    onPacket: () => {},
    onLost: () => {},
    async play() {
      if (udp && serverPort > 0) udp.aim(serverPort)
      const played = await ask('PLAY', aggregate, [...inSession, 'Range: npt=0.000-'])
      if (statusOf(played) !== 200) throw refusal(played, 'PLAY')
      if (closed) return
      // Some cameras never answer these: what counts is that they go on sending.
      const stayAlive = () => notify(keepAliveMethod, aggregate, inSession)
      keepAlive = setInterval(stayAlive, Math.max(1, timeoutS / 2) * 1000)
      if (udp) reporting = setInterval(sendReport, REPORT_EVERY_MS)
    },
    pause() {
      if (udp) dropping = true
      else connection.pause()
    },
    resume() {
      dropping = false
      connection.resume()
    },
    close() {
      if (closed) return
      closed = true
      clearInterval(keepAlive)
      clearInterval(reporting)
      udp?.close()
      notify('TEARDOWN', aggregate, inSession)
      connection.close()
    },
  }
  connection.onPacket = (from, packet) => {
    if (!udp && from === channel) session.onPacket(packet)
  }
  connection.onLost = reason => session.onLost(reason)
  return session
}

interface AgreeOptions {
  readonly uri: string
  readonly transport: 'auto' | 'tcp' | 'udp'
  readonly onUdpPacket: (packet: Buffer) => void
}

/** TCP first, which loses nothing. */
async function agree(dialogue: Dialogue, { uri, transport, onUdpPacket }: AgreeOptions): Promise<Agreed> {
  if (transport !== 'udp') {
    const answer = await dialogue.ask('SETUP', uri, ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1'])
    if (!offersOther(answer)) return agreedOn(answer, null)
    if (transport === 'tcp') throw transportRefusal('tcp')
  }
  const { connection, target } = dialogue
  const { localAddress } = connection
  const udp = await openUdp({ localAddress, address: target.address, onPacket: onUdpPacket })
  try {
    const ports = `client_port=${udp.port}-${udp.port + 1}`
    const answer = await dialogue.ask('SETUP', uri, [`Transport: RTP/AVP/UDP;unicast;${ports}`])
    if (statusOf(answer) === 461) throw transportRefusal(transport)
    return agreedOn(answer, udp)
  } catch (error) {
    udp.close()
    throw error
  }
}

/** Refused by its number, or answered with a transport that was not asked for. */
function offersOther(answer: RtspMessage): boolean {
  const transport = answer.header('transport')
  return statusOf(answer) === 461 || (statusOf(answer) === 200 && !/interleaved=|TCP/i.test(transport ?? 'TCP'))
}

function agreedOn(answer: RtspMessage, udp: UdpPorts | null): Agreed {
  if (statusOf(answer) !== 200) throw refusal(answer, 'SETUP')
  const transport = answer.header('transport') ?? ''
  const [id = '', ...parameters] = (answer.header('session') ?? '').split(';')
  return {
    udp,
    channel: Number(/interleaved=(\d{1,3})/i.exec(transport)?.[1] ?? 0),
    serverPort: Number(/server_port=(\d{1,5})/i.exec(transport)?.[1] ?? 0),
    inSession: id === '' ? [] : [`Session: ${id.trim()}`],
    timeoutS: Number(/timeout=(\d{1,6})/i.exec(parameters.join(';'))?.[1]) || SESSION_TIMEOUT_S,
  }
}

/** RFC 2326, C.1.1, as ffmpeg does it: appended to the base, its query included. */
function resolveControl(base: string, control: string): string {
  if (/^rtsps?:\/\//i.test(control)) return control
  return `${base.endsWith('/') ? base : `${base}/`}${control}`
}
