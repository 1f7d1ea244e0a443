/** A process that gives answers: folder, name, how many (0: until it is killed). It says the id of each that is stored. */

import { openAnswers } from '../../src/answers/openAnswers.ts'
import { answerOf } from './answers.ts'
import { say } from './say.ts'

const [, , dir = '', name = '', count = '0'] = process.argv
const answers = openAnswers(dir)
for (let i = 0; count === '0' || i < Number(count); i++) {
  await answers.add(answerOf(`${name}-${i}`))
  say('stored', `${name}-${i}`)
}
