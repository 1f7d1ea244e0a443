/** Reads RTSP requests (RFC 2326) from a byte stream and skips the interleaved frames between them. */

export interface RtspRequest {
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

const MAX_HEAD = 16 * 1024
const MAX_BODY = 64 * 1024
const DOLLAR = 0x24

/**
 * Returns a function that takes bytes in any portions and calls back with each request.
 * `onInvalidData` is called once; all further bytes are ignored, and the caller should close the connection.
 */
export function createRequestParser(
  onRequest: (request: RtspRequest) => void,
  onInvalidData: () => void,
): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  let dead = false

  return chunk => {
    if (dead) return
    pending = Buffer.concat([pending, chunk])
    while (!dead && pending.length > 0) {
      const step = next(pending)
      if (step === 'invalid-data') {
        dead = true
        onInvalidData()
      } else if (step === 'more') return
      else {
        pending = pending.subarray(step.length)
        if (step.request) onRequest(step.request)
      }
    }
  }
}

/** The first message of the bytes and how long it is. */
function next(bytes: Buffer): { length: number; request: RtspRequest | null } | 'more' | 'invalid-data' {
  if (bytes[0] === DOLLAR) {
    if (bytes.length < 4) return 'more'
    const length = 4 + bytes.readUInt16BE(2)
    return bytes.length < length ? 'more' : { length, request: null }
  }
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return bytes.length > MAX_HEAD ? 'invalid-data' : 'more'
  if (end > MAX_HEAD) return 'invalid-data'
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const match = /^([A-Z_]{1,32}) (\S{1,2048}) RTSP\/1\.\d$/.exec(first)
  if (!match) return 'invalid-data'
  const headers: Record<string, string> = Object.create(null)
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) return 'invalid-data'
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  const body = Number(headers['content-length'] ?? 0)
  if (!Number.isInteger(body) || body < 0 || body > MAX_BODY) return 'invalid-data'
  const length = end + 4 + body
  if (bytes.length < length) return 'more'
  return { length, request: { method: match[1] as string, url: match[2] as string, headers } }
}
