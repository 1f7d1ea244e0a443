/** The schema of a polygon: the outline of a zone or mask, in fractions of the image as people see it. */

import { z } from 'zod'
import type { Point } from '../types.ts'
import { polygonProblem } from './polygonProblem.ts'

/** More corners than a person draws; each costs work for every frame. */
export const MOST_CORNERS = 100

/**
 * One sentence for each wrong polygon, not one for each wrong number: a polygon in pixels has dozens of them. Therefore
 * the checks stand in `polygonProblem`, and the shape is written out for the JSON schema.
 */
export const polygonSchema = z
  .unknown()
  .transform((value, { addIssue }): readonly Point[] => {
    const problem = polygonProblem(value, MOST_CORNERS)
    if (problem === null) return value as readonly Point[]
    addIssue({ code: 'custom', ...problem })
    return z.NEVER
  })
  .meta({
    type: 'array',
    minItems: 3,
    maxItems: MOST_CORNERS,
    items: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number', minimum: 0, maximum: 1 } },
  })
