/** Reads the zones and masks of one camera from a file of their own, with the keys that a camera of a config has. */

import { z } from 'zod'
import { didYouMean } from '../util/didYouMean.ts'
import { WatchwordError } from '../util/errors.ts'
import { problemLines } from '../util/yaml/problemLines.ts'
import { readYaml } from '../util/yaml/readYaml.ts'
import { readText } from './readText.ts'
import { checkViews, viewKeys } from './viewKeys.ts'

const FILE = {
  what: 'the zones',
  hint: 'Pass the path of a YAML or JSON file with `zones`, `masks` and `event_zones`, as docs/zones.md shows.',
}

const { zones, masks, event_zones } = viewKeys
const fileSchema = z.strictObject({ zones, masks, event_zones })

export type ZonesFile = z.output<typeof fileSchema>

export const NO_ZONES: ZonesFile = { zones: {}, masks: [], event_zones: {} }

/**
 * @param events names of the events that are detected
 * @throws WatchwordError `config-unreadable` or `config-invalid`, the latter with every mistake, one per line
 */
export function loadZones(path: string, events: readonly string[]): ZonesFile {
  const schema = fileSchema.superRefine((file, context) => {
    checkViews({ ...file, detail: 'auto' }, context)
    for (const problem of unknownNames(file, events)) context.addIssue({ code: 'custom', ...problem })
  })
  const read = readYaml(readText(path, FILE), { schema })
  if (read.data !== null) return read.data
  throw new WatchwordError(problemLines(path, read.problems).join('\n'), { code: 'config-invalid' })
}

function unknownNames({ zones: known, event_zones: tied }: ZonesFile, events: readonly string[]) {
  return Object.entries(tied).flatMap(([event, names]) => {
    const path = ['event_zones', event]
    if (!events.includes(event)) {
      const message = `Event \`${event}\` is not among those to detect; ${didYouMean(event, events, 'events')}`
      return [{ path, message }]
    }
    return names.flatMap((zone, index) => {
      if (Object.hasOwn(known, zone)) return []
      const message = `There is no zone \`${zone}\`; ${didYouMean(zone, Object.keys(known), 'zones')}`
      return [{ path: [...path, index], message }]
    })
  })
}
