/** The text that a camera burns into its frames: its name, date and time (UTC). */

import type { View } from './views/view.ts'

/** @param at ms since the epoch. @returns top left, top right: "CAM 1 STREET", "2026-02-14 08:31:07" */
export function captionOf(view: View, at: number): readonly string[] {
  return [view.label, new Date(at).toISOString().slice(0, 19).replace('T', ' ')]
}
