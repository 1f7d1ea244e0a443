/**
 * Every error code, with its meaning and what to do. To add one: write its row in the part where it belongs, then
 * `npm run schema` for docs/errors.md.
 */

import { cameraErrors } from './errorCodes/cameraErrors.ts'
import { configurationErrors } from './errorCodes/configurationErrors.ts'
import { demoErrors } from './errorCodes/demoErrors.ts'
import { modelFileErrors } from './errorCodes/modelFileErrors.ts'
import { modelMakingErrors } from './errorCodes/modelMakingErrors.ts'
import { programErrors } from './errorCodes/programErrors.ts'
import { videoErrors } from './errorCodes/videoErrors.ts'

/** In the order of docs/errors.md. */
export const ERROR_SECTIONS = [
  {
    title: 'Configuration',
    codes: configurationErrors,
  },
  {
    title: 'Cameras',
    intro:
      'These are the reasons for which a camera is lost. `run` logs them and tries again by itself; `validate` prints them. The\nmessage says what to do; this table says why.',
    codes: cameraErrors,
  },
  {
    title: 'Videos and pictures',
    codes: videoErrors,
  },
  {
    title: 'Programs, ports and disks',
    codes: programErrors,
  },
  {
    title: 'Models: finding and fetching',
    codes: modelFileErrors,
  },
  {
    title: 'Models: reading and making',
    codes: modelMakingErrors,
  },
  {
    title: 'The demo',
    codes: demoErrors,
  },
] as const

type Codes<Section> = Section extends { readonly codes: infer Table } ? keyof Table : never

export type ErrorCode = Codes<(typeof ERROR_SECTIONS)[number]>
