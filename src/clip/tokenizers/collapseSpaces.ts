/** White space as Python's `str.isspace()` defines it; JavaScript's `\s` lacks 0x1c–0x1f and 0x85, and has U+FEFF. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they separate words in Python
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g

/** Single spaces between words, none at the ends. */
export function collapseSpaces(text: string): string {
  return text.replace(SPACES, ' ').replace(/^ | $/g, '')
}
