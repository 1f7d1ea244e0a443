import { readFileSync } from 'node:fs'

/** The package's own version. */
export function packageVersion(): string {
  return readPackage().version
}

/** Where the package says that its project lives; nothing when it does not say so. */
export function packageHomepage(): { readonly supportUrl?: string } {
  const { homepage } = readPackage()
  return homepage === undefined ? {} : { supportUrl: homepage }
}

function readPackage(): { readonly version: string; readonly homepage?: string } {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
}
