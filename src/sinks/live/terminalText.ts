/** Small help for lines of text. */

/** No longer than `width`, with a sign that something is missing. What a camera says moves no cursor of ours. */
export function cut(raw: string, width: number): string {
  const text = raw.replace(/\p{Cc}/gu, '?')
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

/** Lines no longer than `width`, broken between words; those after the first are set in by `indent` characters. */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = []
  for (let rest = text; ; ) {
    const space = rest.lastIndexOf(' ', width)
    // A word that is as wide as the terminal is cut: there is nowhere to break it.
    const end = rest.length <= width || space <= indent ? rest.length : space
    lines.push(cut(rest.slice(0, end).trimEnd(), width))
    if (end === rest.length) return lines
    rest = `${' '.repeat(indent)}${rest.slice(end).trimStart()}`
  }
}

/** vehicle_stopping → vehicle stopping */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}
