/** Small help for lines of text. */

/** No longer than `width`, with a sign that something is missing. What a camera says moves no cursor of ours. */
export function cut(raw: string, width: number): string {
  const text = raw.replace(/\p{Cc}/gu, '?')
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

/** vehicle_stopping → vehicle stopping */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}
