/** The options that all commands about the stored past share. */

import { type Command, Option } from 'commander'
import { CONFIG_ARGUMENT } from '../configPath.ts'
import type { PastOptions } from './openPast.ts'
import { type PastTime, pastTime } from './pastTime.ts'

export interface CommonPastOptions extends PastOptions {
  /** Names of cameras; default: all with history. */
  readonly camera?: readonly string[]
  readonly since: PastTime
  readonly until?: PastTime
  readonly json?: true
}

/** Adds `--config`, `--data-dir`, `--camera`, `--since`, `--until` and `--json`. @param since the default, such as `24h` */
export function addPastOptions(command: Command, since: string): Command {
  return command
    .option('--config <file>', CONFIG_ARGUMENT)
    .option('--data-dir <dir>', '`data_dir` of the config (default: that of the config, as for `run`)')
    .addOption(repeated('--camera <name>', 'only this camera; may be repeated (default: every camera with history)'))
    .addOption(
      new Option('--since <time>', 'how long ago, such as 24h or 7d, or a time such as 2026-11-30T14:05')
        .argParser(pastTime)
        .default(pastTime(since), since),
    )
    .option('--until <time>', 'as --since (default: now)', pastTime)
    .option('--json', 'print JSON')
}

/** An option that may be given several times. */
export function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, before: readonly string[] = []) => [...before, text])
}
