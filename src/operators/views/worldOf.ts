/** The kind of view with which a view is compared: views of one world look alike. */

import type { View } from '../../types.ts'

/** @returns `whole`, `crop` or `zone-NAME` */
export function worldOf({ id, kind }: Pick<View, 'id' | 'kind'>): string {
  return kind === 'crop' ? 'crop' : id
}
