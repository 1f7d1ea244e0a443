/** The results on published vectors as tables of bench/README.md. */

import { tableOf } from '../report.ts'
import { type CaseResult, type Decisions, FALSE_PERCENTS, SPOILED_PERCENTS } from './measureCase.ts'
import type { Delay } from './measureDrive.ts'
import type { QuietDrive, RealResults } from './measureFolder.ts'

const CASE_COLUMNS = [
  'case',
  'contrasts',
  'AUC',
  `ROC at ${FALSE_PERCENTS.join(' / ')} % false`,
  'prior: found / false',
  'bank: found / false',
  'changed',
  `spoiled by 0 / ${SPOILED_PERCENTS.join(' / ')} %`,
]

export function caseTable(cases: readonly CaseResult[]) {
  const rows = cases.map(result => [
    result.name,
    result.contrasts,
    result.auc.toFixed(3),
    `${FALSE_PERCENTS.map(percent => points(result.oracle[percent])).join(' / ')} %`,
    decisions(result.prior),
    decisions(result.bank),
    result.background === null ? 'no phrases' : `${points(result.background)} %`,
    [result.unspoiled, ...SPOILED_PERCENTS.map(percent => result.spoiled[percent])].map(decisions).join(', '),
  ])
  const meanOf = (value: (result: CaseResult) => number) => mean(cases.map(value))
  const meanDecisions = (value: (result: CaseResult) => Decisions) =>
    decisions({ found: meanOf(result => value(result).found), false: meanOf(result => value(result).false) })
  const last = [
    'mean',
    '',
    meanOf(({ auc }) => auc).toFixed(3),
    `${FALSE_PERCENTS.map(percent => points(meanOf(({ oracle }) => oracle[percent]))).join(' / ')} %`,
    meanDecisions(({ prior }) => prior),
    meanDecisions(({ bank }) => bank),
    `${points(mean(cases.map(({ background }) => background).filter(share => share !== null)))} %`,
    [
      meanDecisions(({ unspoiled }) => unspoiled),
      ...SPOILED_PERCENTS.map(percent => meanDecisions(({ spoiled }) => spoiled[percent])),
    ].join(', '),
  ]
  return { columns: CASE_COLUMNS, rows: [...rows, last] }
}

export function seriesTables({ hazards, unmeasured, quietDrives, cameras }: RealResults): string[] {
  const notes: string[] = []
  if (hazards.length > 0)
    notes.push(
      'Drives with a hazard, 30 frames a second. A frame is the vector of its cosines with the published phrases, phrase i the unit vector e_i. The event’s prompts are the recording’s own words for the hazard, its contrasts the phrases that share no word with the hazard’s type, name or description. The bank holds the frames before the hazard; its few images count beside the prior. Smoothing 0.3 s, the rest as default. Delay: to what the event is dated / when it was published, after the hazard’s first frame.',
      tableOf(
        [
          'drive',
          'hazard',
          'frames in the bank',
          'events before',
          'delay',
          'delay if the bank decides alone',
          'lift',
          'quiet spread',
        ],
        hazards.map(drive => [
          drive.name,
          drive.hazard,
          drive.images,
          drive.events,
          delay(drive.delay),
          delay(drive.bankDelay),
          `${drive.lift.toFixed(2)} nats`,
          `${drive.spread.toFixed(2)} nats`,
        ]),
      ),
    )
  if (unmeasured.length > 0)
    notes.push(`Not measured, because no frames come before the hazard: ${unmeasured.join(', ')}.`)
  if (quietDrives.length > 0)
    notes.push(
      `Uneventful drives. Events: ${watchedIn(quietDrives)}. Each against the phrases that share no word with it. The bank holds what came before and is learned again every 10 s; every frame is scored.`,
      tableOf(
        ['drive', 'frames a second in the bank', 'events, all false', 'minutes'],
        quietDrives.map(({ name, bankFps, events, hours }) => [name, bankFps, events, (hours * 60).toFixed(1)]),
      ),
    )
  if (cameras.length > 0)
    notes.push(
      'Fixed cameras, event `a person`, learned from the first half minute. Jitter: standard deviation of the margin’s change from one frame to the next.',
      tableOf(
        ['camera', 'events afterwards', 'minutes', 'jitter', 'quiet spread', 'share of the bank taken for the event'],
        cameras.map(({ name, events, hours, jitter, fit }) => [
          name,
          events,
          (hours * 60).toFixed(1),
          `${jitter.toFixed(2)} nats`,
          `${fit.spread.toFixed(2)} nats`,
          `${points(fit.eventFraction)} %`,
        ]),
      ),
    )
  return notes
}

/** What was to be reached, and what was. */
export function targetTable({ cases, hazards, quietDrives }: RealResults): string {
  const falses = cases.map(({ bank }) => bank.false)
  const bankFound = mean(cases.map(({ bank }) => bank.found))
  const auc = mean(cases.map(result => result.auc))
  const priorFalse = Math.max(...cases.map(({ prior }) => prior.false))
  const priorFound = mean(cases.map(({ prior }) => prior.found))
  const moved = Math.max(0, ...movedByContrasts(cases))
  const changed = Math.max(0, ...cases.map(({ background }) => background ?? 0))
  const rows: [string, string, string, boolean][] = [
    [
      'bank: false on every case',
      '0.2 – 3 %',
      `${points(Math.min(...falses))} – ${points(Math.max(...falses))} %`,
      falses.every(share => share >= 0.002 && share <= 0.03),
    ],
    [
      'bank: found / AUC, mean',
      '≥ 65 % / ≥ 0.91',
      `${points(bankFound)} % / ${auc.toFixed(3)}`,
      bankFound >= 0.65 && auc >= 0.91,
    ],
    [
      'prior: false on every case / found, mean',
      '≤ 5 % / ≥ 45 %',
      `at most ${points(priorFalse)} % / ${points(priorFound)} %`,
      priorFalse <= 0.05 && priorFound >= 0.45,
    ],
    ['few or all contrasts: false moves by', '≤ 1.5 points', `at most ${(moved * 100).toFixed(2)}`, moved <= 0.015],
    ['ten more background phrases: decisions changed', '≤ 2 %', `at most ${points(changed)} %`, changed <= 0.02],
    ...(
      [
        ['20', 0.05],
        ['40', 0.1],
      ] as const
    ).map(([percent, most]): [string, string, string, boolean] => {
      const falls = cases.map(({ spoiled, unspoiled }) => unspoiled.found - spoiled[percent].found)
      const worst = Math.max(...falls)
      return [
        `${percent} % of the event in the bank: found falls by`,
        `≤ ${most * 100} points`,
        `mean ${points(mean(falls))}, most ${points(worst)}`,
        worst <= most,
      ]
    }),
  ]
  const animals = hazards.filter(({ type }) => type === 'animal')
  if (animals.length > 0) {
    const inTime = animals.filter(drive => drive.delay !== null && drive.delay.dated <= 1.5).length
    const early = hazards.reduce((sum, { events }) => sum + events, 0)
    rows.push([
      'animals dated within 1.5 s / events before a hazard',
      `all ${animals.length} / 0`,
      `${inTime} / ${early}`,
      inTime === animals.length && early === 0,
    ])
  }
  const [drive] = quietDrives
  if (drive !== undefined)
    rows.push([
      `${drive.name}: events`,
      '≤ 1',
      `${drive.events} (denser banks: ${quietDrives
        .slice(1)
        .map(({ events }) => events)
        .join(', ')})`,
      drive.events <= 1,
    ])
  return tableOf(
    ['target', 'wanted', 'measured', ''],
    rows.map(([name, wanted, measured, met]) => [name, wanted, measured, met ? 'met' : '**missed**']),
  )
}

/** Per case: how far the false share lies from the one with fewer contrasts. */
function movedByContrasts(cases: readonly CaseResult[]): number[] {
  return cases.flatMap(all =>
    cases
      .filter(few => few !== all && few.name.startsWith(`${all.name} (`))
      .map(few => Math.abs(few.bank.false - all.bank.false)),
  )
}

function watchedIn(drives: readonly QuietDrive[]): string {
  return [...new Set(drives.flatMap(({ watched }) => watched))].map(event => `“${event}”`).join(', ')
}

function delay(value: Delay | null): string {
  return value === null ? 'not found' : `${value.dated.toFixed(1)} / ${value.published.toFixed(1)} s`
}

function decisions({ found, false: wrong }: Decisions): string {
  return `${points(found)} / ${points(wrong)} %`
}

/** Percent without its sign. */
function points(share: number): string {
  return (share * 100).toFixed(1)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
