/** The sections of docs/errors.md, written from the table of error codes. */

import { ERROR_SECTIONS } from '../src/util/errorCodes.ts'

export function errorReference(): string {
  return ERROR_SECTIONS.map(section => {
    const intro = 'intro' in section ? `${section.intro}\n\n` : ''
    const rows = Object.entries(section.codes).map(
      ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |\n`,
    )
    return `\n## ${section.title}\n${intro}| code | means | what to do |\n|---|---|---|\n${rows.join('')}`
  }).join('')
}
