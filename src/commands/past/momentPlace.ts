/** Where something was in a camera's image, in a few words. */

import type { ViewKind, Where } from '../../types.ts'

const WORDS: Readonly<Record<ViewKind, string>> = { whole: 'whole image', crop: 'crop', zone: 'zone' }

/** `whole image`, `crop in gate`, `zone gate`. */
export function momentPlace(where: Pick<Where, 'view' | 'zones'> | null): string {
  if (where === null) return ''
  const zones = where.zones.join(', ')
  if (zones === '') return WORDS[where.view]
  return where.view === 'zone' ? `zone ${zones}` : `${WORDS[where.view]} in ${zones}`
}
