/** Replaces secrets in text by `***`, for logs, errors and topics. */

export type Redactor = (text: string) => string

const MASK = '***'

/** Shorter secrets would blank out half of every line; they are still caught where a pattern finds them. */
const SHORTEST_LITERAL = 4

/** Names of query values that are secrets. */
const SECRET_NAME = /pass|pwd|token|key|secret|auth|sig/i

/**
 * Places that always contain a secret. Each pattern takes linear time on any text, because the text may be hostile.
 * The whole match is replaced; of the groups, the first is kept.
 */
const PATTERNS: readonly ((text: string) => string)[] = [
  // rtsp://user:password@host, up to the last @ before the path
  text => text.replace(/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/"'<>]*@/gi, `$1${MASK}@`),
  // rtsp://user:pass/word@host: the text before its first / is no host, because no port follows the colon
  text =>
    text.replace(
      /\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?!\*{3}@)[^\s/"'<>:@]{1,64}:(?!\d{1,5}[\s/?#"'<>])[^\s"'<>]{0,256}@/gi,
      `$1${MASK}@`,
    ),
  // HTTP and RTSP authorization
  text => text.replace(/\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{6,}/g, `$1 ${MASK}`),
  text => text.replace(/\b(response=")[0-9a-f]{16,}/gi, `$1${MASK}`),
  // ?token=… in a URL
  text =>
    text.replace(/([?&][^=&?\s]*=)[^&\s"'<>]+/g, (all, name: string) => (SECRET_NAME.test(name) ? name + MASK : all)),
  // some cameras take /user=…_password=… as a path; bounded, and unlike base64
  text =>
    text.replace(/([/_;][^=&\s/]{0,40}(?:passw(?:or)?d|pass|pwd|token|secret)=)[^=&\s"'<>][^&\s"'<>]*/gi, `$1${MASK}`),
  // "password": "…" in JSON and password: … in YAML
  text =>
    text.replace(/("(?:password|passwd|pwd|secret|token|api_?key)"\s*:\s*")[^"\\]*(?:\\.[^"\\]*)*/gi, `$1${MASK}`),
]

/**
 * @param secrets texts known from the config; each is found as it is, percent-encoded and JSON-escaped.
 *   Those under 4 characters are left to the patterns.
 * @returns a function that replaces every secret by `***`
 */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const known = [...new Set(secrets.filter(secret => secret.length >= SHORTEST_LITERAL).flatMap(spellings))]
  return text => PATTERNS.reduce((result, mask) => mask(result), maskLiterals(text, known))
}

/** Secrets that overlap become one mask together: masking one alone would leave a piece of the other. */
function maskLiterals(text: string, literals: readonly string[]): string {
  const places = literals.flatMap(literal => placesOf(literal, text)).sort((a, b) => a.start - b.start)
  const parts: string[] = []
  let rest = 0
  for (const { start, end } of places) {
    if (start >= rest) parts.push(text.slice(rest, start), MASK)
    rest = Math.max(rest, end)
  }
  return parts.join('') + text.slice(rest)
}

function placesOf(literal: string, text: string): { start: number; end: number }[] {
  const places: { start: number; end: number }[] = []
  for (let start = text.indexOf(literal); start !== -1; start = text.indexOf(literal, start + 1))
    places.push({ start, end: start + literal.length })
  return places
}

/** A redactor that learns: a reload may bring new secrets. Earlier ones are kept, because lines about them may come late. */
export function createLearningRedactor(secrets: readonly string[]): {
  readonly redact: Redactor
  learn(more: readonly string[]): void
} {
  const known = new Set(secrets)
  let current = createRedactor([...known])
  return {
    redact: text => current(text),
    learn(more) {
      for (const secret of more) known.add(secret)
      current = createRedactor([...known])
    },
  }
}

/** A copy of plain data with every text value redacted; keys stay as they are. */
export function redactDeep<T>(value: T, redact: Redactor): T {
  if (typeof value === 'string') return redact(value) as T
  if (Array.isArray(value)) return value.map(item => redactDeep(item, redact)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactDeep(item, redact)])) as T
}

function spellings(secret: string): string[] {
  const encoded = [encodeURIComponent(secret), encodeURI(secret)]
  const lowerCase = encoded.map(text => text.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase()))
  return [secret, ...encoded, ...lowerCase, JSON.stringify(secret).slice(1, -1)]
}
