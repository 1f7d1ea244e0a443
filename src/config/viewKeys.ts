/** The keys of a camera that say what is seen of its image: zones, masks, detail and crops. */

import { z } from 'zod'
import type { Point } from '../types.ts'
import { byName } from '../util/byName.ts'
import { isCovered } from '../util/polygon.ts'
import { shorten } from '../util/shorten.ts'
import { nameSchema } from './nameSchema.ts'
import { polygonSchema } from './polygonSchema.ts'

/** Every zone is an image of its own, which is scaled for every frame. */
export const MOST_ZONES = 16
export const MOST_MASKS = 32
/** Each crop may be encoded beside the whole image. */
export const MOST_CROPS = 4
export const DEFAULT_CROPS = 2
/** Pixels. A height below the model's input shows no more than the whole image. */
export const [LEAST_DETAIL, MOST_DETAIL] = [64, 2160]

const detailText = `Expected \`detail\` to be auto, off or a height from ${LEAST_DETAIL} to ${MOST_DETAIL} pixels`

const zoneNames = z.array(z.string()).min(1, 'Expected at least one zone')

export const viewKeys = {
  zones: z
    .record(nameSchema, polygonSchema.meta({ description: 'The corners of the zone, in order around it.' }))
    .refine(zones => Object.keys(zones).length <= MOST_ZONES, {
      error: ({ input }) => `Expected at most ${MOST_ZONES} zones, got ${Object.keys(input as object).length}`,
    })
    .transform(zones => byName(Object.entries(zones)))
    .prefault({})
    .meta({
      description:
        'Zones by name: each is a list of 3 to 100 corners [x, y] in fractions of the image, such as [0.25, 0.5]. Events refer to them. More zones: more work when something changes in them. See docs/zones.md.',
    }),
  masks: z
    .array(polygonSchema)
    .refine(masks => masks.length <= MOST_MASKS, {
      error: ({ input }) => `Expected at most ${MOST_MASKS} masks, got ${(input as unknown[]).length}`,
    })
    .default([])
    .meta({
      description:
        'Parts of the image that are blacked out before anything else sees it. Each is a list of corners, as of a zone.',
    }),
  detail: z
    .union([z.enum(['auto', 'off']), z.int().min(LEAST_DETAIL).max(MOST_DETAIL)], {
      error: ({ input }) => `${detailText}, got ${shown(input)}`,
    })
    .default('auto')
    .meta({
      description:
        'Height in pixels of the larger image from which crops are cut (of an upright camera: its width); never more than the camera’s own. auto: three times the model’s input. Higher: crops show smaller objects larger, with more CPU. off: the whole image alone, without crops and zones.',
    }),
  crops: z
    .int()
    .min(0)
    .max(MOST_CROPS)
    .optional()
    .meta({
      description: `Largest number of crops per frame: windows around what moves or has come to rest, encoded beside the whole image. Higher: more small objects are found at once, with more work. 0: none. Default: ${DEFAULT_CROPS}, and 0 with \`detail: off\`.`,
    }),
  event_zones: z
    .record(z.string(), zoneNames.meta({ description: 'Where this event counts on this camera.' }))
    .transform(zones => byName(Object.entries(zones)))
    .prefault({})
    .meta({
      description: 'Event name → names of this camera’s zones. It replaces the event’s own `zones` on this camera.',
    }),
}

function shown(value: unknown): string {
  if (value === null) return 'nothing'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a map'
  return typeof value === 'string' ? `"${shorten(value, 20)}"` : String(value)
}

type Polygon = readonly Point[]

/** The keys after validation, before defaults that depend on each other. */
export interface Views {
  readonly zones: Readonly<Record<string, Polygon>>
  readonly masks: readonly Polygon[]
  readonly detail: 'auto' | 'off' | number
  readonly crops?: number | undefined
}

/** The number of crops where none is written. */
export function cropsOf({
  detail,
  crops = detail === 'off' ? 0 : DEFAULT_CROPS,
}: Pick<Views, 'detail' | 'crops'>): number {
  return crops
}

const WHOLE: Polygon = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]
/** From this fraction on nothing worth watching is left, [0, 1]. */
const ALL = 0.99

/** What is wrong with the keys together. */
export function checkViews({ zones, masks, detail, crops = 0 }: Views, { addIssue }: z.RefinementCtx): void {
  const issue = (path: (string | number)[], message: string) => addIssue({ code: 'custom', path, message })
  if (detail === 'off' && Object.keys(zones).length > 0)
    issue(['zones'], 'Zones need the detail image: remove `detail: off`, or remove `zones`')
  if (detail === 'off' && crops > 0)
    issue(['crops'], 'Crops are cut out of the detail image: remove `detail: off`, or set `crops: 0`')
  if (isCovered(WHOLE, masks, ALL)) {
    const [what, them] = masks.length === 1 ? ['The mask covers', 'it'] : [`The ${masks.length} masks cover`, 'them']
    issue(['masks'], `${what} the whole image, so nothing can be seen: make ${them} smaller`)
    return
  }
  for (const [name, zone] of Object.entries(zones))
    if (isCovered(zone, masks, ALL))
      issue(
        ['zones', name],
        `Zone \`${name}\` lies under the masks, so nothing can be seen in it: move the zone or the mask`,
      )
}
