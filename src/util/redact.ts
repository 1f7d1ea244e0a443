/** Takes secrets out of text before anybody sees it: logs, errors, topics. */

export type Redactor = (text: string) => string

const MASK = '***'

/** Shorter secrets would blank out half of every line; they are still caught where a pattern finds them. */
const SHORTEST_LITERAL = 4

/** Places where a secret stands whatever it is. `$1` is kept. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // rtsp://user:password@host, up to the last @ before the path
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/"'<>]*@/gi, `$1${MASK}@`],
  // HTTP and RTSP authorization
  [/\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{6,}/g, `$1 ${MASK}`],
  [/\b(response=")[0-9a-f]{16,}/gi, `$1${MASK}`],
  // ?token=… in a URL
  [/([?&][^=&\s]*(?:pass|pwd|token|key|secret|auth|sig)[^=&\s]*=)[^&\s"'<>]+/gi, `$1${MASK}`],
  // some cameras take /user=…_password=… as a path; bounded, and not what base64 looks like
  [/([/_;][^=&\s/]{0,40}(?:passw(?:or)?d|pass|pwd|token|secret)=)[^=&\s"'<>][^&\s"'<>]*/gi, `$1${MASK}`],
  // "password": "…" in JSON and password: … in YAML
  [/("(?:password|passwd|pwd|secret|token|api_?key)"\s*:\s*")(?:[^"\\]|\\.)*/gi, `$1${MASK}`],
]

/**
 * @param secrets texts known from the config; each is found as it is, percent-encoded and JSON-escaped.
 *   Those under 4 characters are left to the patterns.
 * @returns a function that replaces every secret by `***`
 */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const literals = [...new Set(secrets.filter(secret => secret.length >= SHORTEST_LITERAL).flatMap(spellings))]
  // The longest first: a secret may contain another one.
  const known = literals.sort((a, b) => b.length - a.length).map(escapeRegExp)
  const replacements = known.length === 0 ? PATTERNS : [[new RegExp(known.join('|'), 'g'), MASK] as const, ...PATTERNS]
  return text => replacements.reduce((result, [pattern, mask]) => result.replace(pattern, mask), text)
}

/** A redactor that learns: a reload may bring passwords. What it knew before stays known, old lines come late. */
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
  return [secret, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1)]
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
