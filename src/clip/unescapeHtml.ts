/** Resolves HTML character references exactly as Python's `html.unescape`, which CLIP's tokenizer calls first. */

import { decodeHTML } from 'entities'

const REFERENCE = /&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu

/** `&lt;b&gt;` → `<b>`; unknown names stay as they are. Sources: WHATWG HTML 13.2.5.72, CPython Lib/html/__init__.py. */
export function unescapeHtml(text: string): string {
  return text.replace(REFERENCE, reference => (reference[1] === '#' ? fromNumber(reference) : decodeHTML(reference)))
}

/** Numbers follow the standard (0x80 is the euro sign), but Python drops control characters and noncharacters. */
function fromNumber(reference: string): string {
  const digits = reference.replace(/^&#|;$/g, '')
  const code = /^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10)
  return isNoncharacter(code) || isControl(code) ? '' : decodeHTML(`&#${Math.min(code, 0x110000)};`)
}

/** Of the upper controls only 0x7f: the standard reads 0x80–0x9f as Windows-1252. */
function isControl(code: number): boolean {
  return (code >= 0x01 && code <= 0x08) || code === 0x0b || (code >= 0x0e && code <= 0x1f) || code === 0x7f
}

function isNoncharacter(code: number): boolean {
  return (code >= 0xfdd0 && code <= 0xfdef) || (code <= 0x10ffff && (code & 0xfffe) === 0xfffe)
}
