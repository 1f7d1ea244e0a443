// Runs `npm start`'s command, or that of the program in the first argument, as a new user has it: an own empty data directory, no ffmpeg and no broker on PATH.
// Passes when an event is printed, the metrics answer, and Ctrl-C leaves nothing running.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const data = mkdtempSync(join(tmpdir(), 'watchword demo ü '))
const env = { ...process.env, PATH: dirname(process.execPath), WATCHWORD_DATA: data }
delete env.FFMPEG_BIN
const started = Date.now()
// A process group of its own, so that Ctrl-C can be what it is at a terminal: a signal to the whole group.
const options = { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true }
const child = spawn(process.execPath, [process.argv[2] ?? 'bin/watchword.js', 'run'], options)
let output = ''
for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))

const seconds = () => ((Date.now() - started) / 1000).toFixed(1)
const wait = async (what, test, limit) => {
  while (!(await test())) {
    if (Date.now() - started > limit || child.exitCode !== null) throw new Error(`no ${what} after ${seconds()} s`)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  console.log(`${what} after ${seconds()} s`)
}
const metrics = async () => {
  const address = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(output)?.[0]
  const answer = address && (await fetch(address).catch(() => null))
  return answer ? await answer.text() : ''
}

const processes = () => {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' })
  return stdout.split('\n').map(line => line.trim().split(/\s+/))
}

let failure = null
try {
  await wait(
    'event',
    () => /\b(person_walking|vehicle_stopping|crowded_scene)\b.*\b(began|started|new)\b/.test(output),
    180_000,
  )
  await wait(
    'event in the metrics',
    async () => /watchword_event_changes_total\{[^}]*\} [1-9]/.test(await metrics()),
    200_000,
  )
  const [stopping, before] = [Date.now(), output.length]
  const helpers = processes().flatMap(([pid, parent]) => (Number(parent) === child.pid ? [pid] : []))
  if (helpers.length === 0) throw new Error('it runs no ffmpeg: what is left running cannot be seen')
  process.kill(-child.pid, 'SIGINT')
  const [code] = await once(child, 'exit')
  console.log(`stopped with ${code} after ${Date.now() - stopping} ms`)
  if (code !== 0) failure = `exit code ${code}`
  if (/gave up/.test(output.slice(before))) failure = 'a part gave up instead of being stopped'
  const running = processes().filter(words => words.at(-1) !== '<defunct>')
  const left = running.filter(([pid, , ...args]) => helpers.includes(pid) || args.join(' ').includes(data))
  if (left.length > 0) failure = `left running: ${left.map(words => words.join(' ')).join('; ')}`
} catch (error) {
  failure = error.message
}
if (failure) {
  child.kill('SIGKILL')
  console.log(output.slice(-8000))
  console.log(`FAILED: ${failure}`)
  process.exitCode = 1
}
rmSync(data, { recursive: true, force: true })
