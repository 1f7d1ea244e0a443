/** Small help for lines of text. */

/** No longer than `width`, with a sign that something is missing. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

/** vehicle_stopping → vehicle stopping */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}
