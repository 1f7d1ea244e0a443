/** Which views count for which events. */

import type { View } from '../../types.ts'
import type { EventArea } from './viewOptions.ts'

/**
 * An event without an area counts in the whole image and in every crop. An event that is tied to zones counts in the
 * views of these zones, and in crops of which enough lies inside one of them.
 */
export function countsFor(
  { id, kind, zones }: Pick<View, 'id' | 'kind' | 'zones'>,
  area: EventArea | undefined,
): boolean {
  if (area === undefined) return kind !== 'zone'
  if (kind === 'zone') return area.zones.some(zone => id === zoneViewId(zone))
  return kind === 'crop' && area.zones.some(zone => (zones[zone] ?? 0) >= area.overlap)
}

export function zoneViewId(zone: string): string {
  return `zone-${zone}`
}
