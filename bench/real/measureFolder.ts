/** Runs everything that a folder of published vectors holds: photo cases, drives, fixed cameras. */

import type { Calibration } from '../../src/scoringTypes.ts'
import { type CameraResult, measureCamera } from './measureCamera.ts'
import { type CaseResult, measureCase } from './measureCase.ts'
import { type HazardResult, measureHazard, measureUneventful } from './measureDrive.ts'
import { type Drive, openDrive } from './openDrive.ts'
import type { RealFolder } from './openFolder.ts'
import type { ScoreOptions } from './scoreOf.ts'

export interface QuietDrive {
  readonly name: string
  /** Frames of a second that the bank took. */
  readonly bankFps: number
  readonly watched: readonly string[]
  /** Events that started, all of them false. */
  readonly events: number
  readonly hours: number
}

export interface RealResults {
  readonly cases: readonly CaseResult[]
  readonly hazards: readonly HazardResult[]
  /** Drives with a hazard but too few frames before it to learn from. */
  readonly unmeasured: readonly string[]
  readonly quietDrives: readonly QuietDrive[]
  readonly cameras: readonly CameraResult[]
}

const FEW_CONTRASTS = 5
/** The first is what a camera's own bank takes: its default `fps`. The others show what a denser bank does. */
export const BANK_FPS = [1, 5, 30]

export function measureFolder(folder: RealFolder, calibration: Calibration): RealResults {
  const cases = folder.cases.flatMap(photoCase => {
    const all = measureCase(photoCase, { folder, calibration, contrasts: photoCase.background.length })
    if (photoCase.background.length <= FEW_CONTRASTS) return [all]
    const few = measureCase(photoCase, { folder, calibration, contrasts: FEW_CONTRASTS })
    return [all, { ...few, name: `${few.name} (${few.contrasts} contrasts)` }]
  })
  const options = { calibration, logitScale: folder.logitScale }
  const isDrive = (file: string) => folder.hasJson(file)
  const drives = folder.series.filter(isDrive).map(openDrive)
  const hazardous = drives.filter(({ hazard }) => hazard !== null)
  const hazards = hazardous.map(drive => measureHazard(drive, options)).filter(result => result !== null)
  return {
    cases,
    hazards,
    unmeasured: hazardous.map(({ name }) => name).filter(name => !hazards.some(hazard => hazard.name === name)),
    quietDrives: drives.filter(({ hazard }) => hazard === null).flatMap(drive => quietDrives(drive, options)),
    cameras: folder.series.filter(file => !isDrive(file)).map(file => measureCamera(file, folder, calibration)),
  }
}

function quietDrives(drive: Drive, options: ScoreOptions): QuietDrive[] {
  return BANK_FPS.map(bankFps => ({
    name: drive.name,
    bankFps,
    watched: drive.events.map(({ event }) => event),
    events: [...measureUneventful(drive, bankFps, options).values()].flat().length,
    hours: drive.frames.length / drive.fps / 3600,
  }))
}
