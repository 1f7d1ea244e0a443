/** The whole image of a frame as a view. */

import type { MarkedFrame, View } from '../../types.ts'
import { WHOLE_IMAGE } from '../../util/polygon.ts'

/** Its id. */
export const WHOLE_VIEW = 'whole'

export function wholeView({ motion, settled, still }: Pick<MarkedFrame, 'motion' | 'settled' | 'still'>): View {
  return { id: WHOLE_VIEW, kind: 'whole', box: WHOLE_IMAGE, subject: WHOLE_IMAGE, zones: {}, motion, settled, still }
}
