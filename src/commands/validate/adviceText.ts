/** Advice about a phrase, as a line for people. */

import type { Finding } from '../../scoring/adviseOn.ts'
import { shorten } from '../../util/shorten.ts'

export function adviceText({ phrase, message, advice, code }: Finding): string {
  const about = phrase === null ? '' : `"${shorten(phrase, 80)}": `
  return `${about}${message}. ${advice.charAt(0).toUpperCase()}${advice.slice(1)} (${code})`
}
