/** Names and sizes of the source files: a file is found by the name of what it exports, and read in one sitting. */

import { basename } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { sourceFiles } from './support/sourceFiles.ts'

const MAX_FILE_LINES = 260
const MAX_FUNCTION_LINES = 80

/** Files that are named after a subject, and why no single export names it. */
const SUBJECTS: Readonly<Record<string, string>> = {
  'src/types.ts': 'the domain types of all modules',
  'src/scoringTypes.ts': 'the types of the score formula that all modules share',
  'src/util/polygon.ts': 'one function per question about a polygon',
  'src/history/historyProtocol.ts': 'the messages of both directions',
  'src/history/searchWorker.ts': 'a thread',
  'src/history/thumbnailRecords.ts': 'reading and writing one kind of record',
  'src/history/vectorRows.ts': 'reading and writing one kind of record',
  'src/history/history.ts': 'the interfaces between the history, the pipeline and the commands',
  'src/index.ts': 'the public API',
  'src/main.ts': 'the program',
  'src/clip/defaultPhrases.ts': 'two lists of phrases',
  'src/clip/encoderProtocol.ts': 'the messages of both directions',
  'src/clip/tokenizers/readTokenizerJson.ts': 'one function per kind of vocabulary in one file format',
  'src/commands/arguments.ts': 'one parser per kind of argument',
  'src/commands/detect/clock.ts': 'one function per format of a position',
  'src/commands/detect/formats.ts': 'one function per output file, and the formats that they share',
  'src/commands/detect/sheetStyle.ts': 'sizes, colours and font of one picture',
  'src/commands/models/printModels.ts': 'the tables of one command',
  'src/commands/past/pastOptions.ts': 'the options that commands about the past share',
  'src/commands/report/charts.ts': 'one function per chart',
  'src/commands/report/numbers.ts': 'one function per format',
  'src/config/units.ts': 'one schema per unit',
  'src/demo/world/paint.ts': 'colours and brushes of all drawings',
  'src/demo/world/script/addPeople.ts': 'one function per kind of person',
  'src/demo/world/script/traffic.ts': 'three rules about the same conflict',
  'src/demo/world/truth.ts': 'ground truth, as docs/demo.md calls it',
  'src/trial/trialTypes.ts': 'the types that the steps of a trial share',
  'src/history/eventTrace.ts': 'the form of a trace on disk',
  'src/scoring/wordingAdvice.ts': 'one function per fault of a wording',
  'src/demo/world/weather.ts': 'one function per kind of weather',
  'src/models/hubErrors.ts': 'one function per way in which a hub fails',
  'src/models/schemas.ts': 'schemas that cards and catalog share',
  'src/models/tokenizerFiles.ts': 'what is there, and of which kind',
  'src/onnx/families/configParts.ts': 'schemas that the families share',
  'src/onnx/families/familyTable.ts': 'all families, and the choice of one',
  'src/onnx/families/openClipSchema.ts': 'one schema per part of one file',
  'src/onnx/families/timmTrunks.ts': 'one function per kind of trunk',
  'src/onnx/families/vocabulary.ts': 'reading one file, and three questions about it',
  'src/onnx/layers/addAttention.ts': 'one function per form of attention',
  'src/onnx/layers/addRotary.ts': 'one function per runtime',
  'src/onnx/measure/probeLayers.ts': 'one function per measurement',
  'src/onnx/measure/sessionRunnerProtocol.ts': 'the messages of both directions',
  'src/onnx/session/int8Probe.ts': 'a model and what it is made of',
  'src/onnx/onnxFile.ts': 'reading and writing one file format',
  'src/onnx/weights.ts': 'one function per transformation',
  'src/onnx/variants/sliceLinear.ts': 'one function per storage order',
  'src/sinks/live/terminalText.ts': 'one function per way to fit text',
  'src/sinks/mqtt/reasonCodes.ts': 'MQTT’s own term',
  'src/telemetry/labelValues.ts': 'one table per label',
  'src/util/childProcess.ts': 'starting and running a child',
  'src/util/float16.ts': 'conversions of one number format',
  'src/util/errors.ts': 'the error class and its readers',
  'src/util/nativeCalls.ts': 'the worker’s side of startNativeWorker.ts',
  'src/util/readFile.ts': 'one function per kind of content',
  'src/util/vector.ts': 'one function per formula',
}

/** Files that share their name with an earlier file, and why. */
const SAME_NAMES: Readonly<Record<string, string>> = {
  'src/commands/answer.ts': 'the word that users type; answers/answer.ts has the type',
  'src/operators/detect.ts': 'the operator has the name of its function, commands/detect.ts the word that users type',
}

const files = sourceFiles()
  .filter(({ path }) => !path.endsWith('_pb.ts'))
  .map(({ path, text }) => ({ path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) }))

/** Files of other programs: their names end in Worker or Child, and they export nothing. Commands export `register`. */
function isProgramOrCommand(path: string, exported: readonly string[]): boolean {
  if (/(Worker|Child)\.ts$/.test(path)) return exported.length === 0
  return /^src\/commands\/\w+\.ts$/.test(path) && exported.includes('register')
}

function exportsOf(tree: ts.SourceFile): string[] {
  return tree.statements.flatMap(statement => {
    if (!ts.canHaveModifiers(statement)) return []
    if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText(tree))
    const { name } = statement as ts.DeclarationStatement
    return name ? [name.getText(tree)] : []
  })
}

/** `judgements.ts` for several functions that return a `Judgement`. */
function isNamed(file: string, name: string): boolean {
  return [name, `${name}s`].some(each => each.toLowerCase() === file.toLowerCase())
}

test('a file is named after one of its exports, or its subject is listed here', () => {
  const misnamed = files.filter(({ path, tree }) => {
    const exported = exportsOf(tree)
    if (isProgramOrCommand(path, exported)) return false
    return !exported.some(name => isNamed(basename(path, '.ts'), name))
  })
  expect(misnamed.map(({ path }) => path).sort()).toEqual(Object.keys(SUBJECTS).sort())
})

test('no two files have the same name, or the reason is listed here', () => {
  const nameOf = (path: string) => basename(path).toLowerCase()
  const names = files.map(({ path }) => nameOf(path))
  const repeated = files.filter(({ path }, index) => names.indexOf(nameOf(path)) !== index)
  expect(repeated.map(({ path }) => path)).toEqual(Object.keys(SAME_NAMES))
})

test(`no file is longer than ${MAX_FILE_LINES} lines`, () => {
  expect(files.filter(({ text }) => text.split('\n').length > MAX_FILE_LINES + 1).map(({ path }) => path)).toEqual([])
})

/** Files of tests that are longer, and why. */
const LONG_TESTS: Readonly<Record<string, string>> = {
  'test/bank/quietBanks.test.ts': 'fits and answers of the same banks on one set-up',
  'test/commands/models.test.ts': 'one command with its subcommands on one set-up',
}

test(`no test and no measurement is longer than ${MAX_FILE_LINES} lines, and temporary folders have one home`, () => {
  const long: string[] = []
  const byHand: string[] = []
  for (const { path, text } of [...sourceFiles('test'), ...sourceFiles('bench')]) {
    if (text.split('\n').length > MAX_FILE_LINES + 1) long.push(path)
    if (text.includes(`mkd${'temp'}`)) byHand.push(path)
  }
  expect(long).toEqual(Object.keys(LONG_TESTS))
  expect(byHand).toEqual(['test/support/openFolder.ts'])
})

test(`no function is longer than ${MAX_FUNCTION_LINES} lines`, () => {
  const long: string[] = []
  for (const { path, tree } of files) {
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && linesOf(node, tree) > MAX_FUNCTION_LINES)
        long.push(`${path}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`)
      ts.forEachChild(node, visit)
    }
    visit(tree)
  }
  expect(long).toEqual([])
})

function linesOf(node: ts.Node, tree: ts.SourceFile): number {
  const lineAt = (position: number) => tree.getLineAndCharacterOfPosition(position).line
  return lineAt(node.end) - lineAt(node.getStart(tree)) + 1
}
