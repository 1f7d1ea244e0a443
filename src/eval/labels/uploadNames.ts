/** Names under which a video may lie beside the labels, of which an export states the address on its server. */

import { trimCharacter } from '../../util/trimCharacter.ts'

/** Label Studio puts eight hex digits before the name of an uploaded file. */
const PREFIX = /^[0-9a-f]{8}-/

/**
 * `/data/upload/1/5f0e1c22-gate.mp4` → that path, `5f0e1c22-gate.mp4`, `gate.mp4`
 * @param addresses paths or URLs, the most likely first; empty ones are left out
 */
export function uploadNames(addresses: readonly string[]): string[] {
  const found = addresses.flatMap(address => {
    if (address === '') return []
    const path = pathOf(address)
    const name = trimCharacter(path.replaceAll('\\', '/'), '/').split('/').at(-1) ?? ''
    return [path, name, name.replace(PREFIX, '')]
  })
  return [...new Set(found)].filter(name => name !== '')
}

/** Of `/data/local-files/?d=cameras/gate.mp4` the part after `d=`; of a URL its path. */
function pathOf(address: string): string {
  const query = /[?&]d=([^&]+)/.exec(address)?.[1]
  const end = address.search(/[?#]/)
  const path = end < 0 ? address : address.slice(0, end)
  const plain = query ?? path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*\//i, '')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}
