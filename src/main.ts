/** The command line: parses, then calls one command. */

import { Command, CommanderError } from 'commander'
import { register as registerAnswer } from './commands/answer.ts'
import { register as registerAnswers } from './commands/answers.ts'
import { register as registerBank } from './commands/bank.ts'
import { register as registerBenchmark } from './commands/benchmark.ts'
import { register as registerCalibrate } from './commands/calibrate.ts'
import { register as registerCompletion } from './commands/completion.ts'
import { register as registerDemo } from './commands/demo.ts'
import { register as registerDetect } from './commands/detect.ts'
import { register as registerEval } from './commands/eval.ts'
import { register as registerExplain } from './commands/explain.ts'
import { register as registerFull } from './commands/full.ts'
import { register as registerModels } from './commands/models.ts'
import { register as registerOptimize } from './commands/optimize.ts'
import { packageVersion } from './commands/packageVersion.ts'
import { LOST_OUTPUT } from './commands/run/onLostOutput.ts'
import { register as registerRun } from './commands/run.ts'
import { register as registerSearch } from './commands/search.ts'
import { register as registerTrial } from './commands/trial.ts'
import { register as registerTry } from './commands/try.ts'
import { register as registerValidate } from './commands/validate.ts'
import { closeLostTerminalAtExit } from './util/closeLostTerminalAtExit.ts'
import { messageOf, systemCodeOf, WatchwordError } from './util/errors.ts'

/** Exit codes of every command. */
const EXIT = { ok: 0, failed: 1, usage: 2 } as const

closeLostTerminalAtExit()

// `… | head` closes our output, a log may fill its disk. A command finishes its work and its files all the same.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', error => {
    if (LOST_OUTPUT.has(systemCodeOf(error)) || process.exitCode === EXIT.failed) return
    process.exitCode = EXIT.failed
    process.stderr.write(`watchword: Cannot write the output: ${messageOf(error)}\n`)
  })

const program = new Command('watchword')
  .description('Describe an event in words; get told when a camera sees it.')
  .version(packageVersion())
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })

const COMMANDS = [
  registerRun,
  registerDetect,
  registerTrial,
  registerCalibrate,
  registerValidate,
  registerSearch,
  registerTry,
  registerExplain,
  registerModels,
  registerOptimize,
  registerBenchmark,
  registerFull,
  registerEval,
  registerBank,
  registerAnswer,
  registerAnswers,
  registerDemo,
  registerCompletion,
]
for (const register of COMMANDS) register(program)

process.exitCode = await program.parseAsync().then(
  () => process.exitCode ?? EXIT.ok,
  (error: unknown) => {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof WatchwordError) {
      process.stderr.write(`watchword: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`)
      return error.code === 'invalid-option' ? EXIT.usage : EXIT.failed
    }
    // A fault in Watchword: the stack is needed to repair it.
    process.stderr.write(`watchword: internal error: ${(error instanceof Error && error.stack) || messageOf(error)}\n`)
    return EXIT.failed
  },
)
