/**
 * Lists every error code with its meaning and remedy. To add one, write its row in the table of its section and run
 * `npm run schema`, which writes docs/errors.md.
 */

import { cameraErrors } from './errorCodes/cameraErrors.ts'
import { configurationErrors } from './errorCodes/configurationErrors.ts'
import { demoErrors } from './errorCodes/demoErrors.ts'
import { modelFileErrors } from './errorCodes/modelFileErrors.ts'
import { modelMakingErrors } from './errorCodes/modelMakingErrors.ts'
import { pastErrors } from './errorCodes/pastErrors.ts'
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
    intro: 'These are the reasons why a camera is lost. `run` logs them and retries by itself; `validate` prints them.',
    codes: cameraErrors,
  },
  {
    title: 'Videos and images',
    codes: videoErrors,
  },
  {
    title: 'The stored past',
    codes: pastErrors,
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
