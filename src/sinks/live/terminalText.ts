/** Cuts, wraps and formats lines of text for a terminal. */

/** Truncates to `width` with an ellipsis, and replaces control characters, so that a camera's text cannot move the cursor. */
export function cut(raw: string, width: number): string {
  const text = raw.replace(/\p{Cc}/gu, '?')
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

/** Wraps text between words into lines of at most `width`; lines after the first are indented by `indent` characters. */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = []
  for (let rest = text; ; ) {
    const space = rest.lastIndexOf(' ', width)
    // A word as wide as the terminal is truncated.
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
