/** Shortens text from outside for a message, so that a log line or an answer does not grow with it. */

/**
 * Redact first where the text may hold a secret: a cut secret is no longer recognised.
 * @param most UTF-16 units that are kept; default 200
 * @returns the text, or its beginning and how long it was
 */
export function shorten(text: string, most = 200): string {
  if (text.length <= most) return text
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}… (${text.length} characters)`
}
