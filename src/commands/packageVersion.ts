/** Reads version and homepage from package.json. */

import { readFileSync } from 'node:fs'

/** The version of this package. */
export function packageVersion(): string {
  return readPackage().version
}

/** The `homepage` of package.json as the support URL; empty without one. */
export function packageHomepage(): { readonly supportUrl?: string } {
  const { homepage } = readPackage()
  return homepage === undefined ? {} : { supportUrl: homepage }
}

function readPackage(): { readonly version: string; readonly homepage?: string } {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
}
