/** Where an event is, and what the encoder saw there. */

import type { ScoredView, ViewImage, Where } from '../../types.ts'
import { WHOLE_IMAGE } from '../../util/polygon.ts'

/** @param view null: none that counts, so the whole image; @param size side of the views, pixels */
export function whereOf(view: ScoredView | null, size: number): { where: Where; viewImage: ViewImage | null } {
  if (view === null) return { where: { box: WHOLE_IMAGE, zones: [], view: 'whole' }, viewImage: null }
  const { kind, box, subject, zones } = view.view
  const where = { box: subject, zones: Object.keys(zones), view: kind }
  return { where, viewImage: view.pixels === null ? null : { box, size, pixels: view.pixels } }
}
