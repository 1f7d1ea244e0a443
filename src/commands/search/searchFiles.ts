/** The files of `search --output-dir`: a contact sheet, the stored JPEGs, and the moments as JSON. */

import { percent } from '../detect/formats.ts'
import { localTime } from '../past/localTime.ts'
import { momentPlace } from '../past/momentPlace.ts'
import { momentSheet } from '../past/momentSheet.ts'
import { searchJson } from './searchJson.ts'
import type { FoundMoment, Searched } from './searchPast.ts'

export async function searchFiles(searched: Searched): Promise<Record<string, string | Uint8Array>> {
  const { asked, moments, cameras, model } = searched
  const names = cameras.length === 1 ? cameras[0]?.camera : `${cameras.length} cameras`
  const sheet = await momentSheet({
    title: (asked.settings.prompts ?? [asked.name]).join(', '),
    summary: `${names}  ·  ${model.name} ${model.variant}`,
    sections: [{ title: 'Best first', tiles: moments.map(tileOf) }],
  })
  return { 'search.json': searchJson(searched), 'contact-sheet.png': sheet, ...jpegsOf(moments) }
}

function tileOf({ camera, at, count, where, judgement, thumbnail, viewThumbnail }: FoundMoment) {
  return {
    jpeg: thumbnail ?? viewThumbnail,
    // On the image of a view alone, the place in the whole image would be wrong.
    where: thumbnail === null ? null : where,
    title: camera,
    value: percent(judgement.score),
    caption: [localTime(at), count > 1 ? `${momentPlace(where)} ×${count}` : momentPlace(where)],
  } as const
}

/** `01-gate-20261130T140507.jpg`, and of a crop or zone `01-gate-20261130T140507-crop-3.jpg`. */
function jpegsOf(moments: readonly FoundMoment[]): Record<string, Uint8Array> {
  const files = moments.flatMap(({ camera, at, view, thumbnail, viewThumbnail }, i) => {
    const time = localTime(at).replace(/[-:]/g, '').replace(' ', 'T')
    const name = `${String(i + 1).padStart(2, '0')}-${camera}-${time}`
    return [
      ...(thumbnail === null ? [] : [[`${name}.jpg`, thumbnail] as const]),
      ...(viewThumbnail === null ? [] : [[`${name}-${view.id}.jpg`, viewThumbnail] as const]),
    ]
  })
  return Object.fromEntries(files)
}
