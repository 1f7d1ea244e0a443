// Start script of the add-on: asks the Supervisor for the broker, writes a first config, then runs Watchword.
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = process.env.ADDON_CONFIG ?? '/config'
const options = JSON.parse(readFileSync(process.env.ADDON_OPTIONS ?? '/data/options.json', 'utf8'))
const config = join(folder, basename(options.config || 'watchword.yaml'))
if (!existsSync(config)) {
  copyFileSync(new URL('watchword.yaml', import.meta.url), config)
  process.stdout.write(`Wrote a first ${config}: enter your cameras there, then restart the add-on\n`)
}

const supervisor = process.env.SUPERVISOR_URL ?? 'http://supervisor'
const env = { ...process.env, WATCHWORD_DATA: process.env.WATCHWORD_DATA ?? '/data', ...(await brokerOf(supervisor)) }
const main = process.env.WATCHWORD_BIN ?? fileURLToPath(new URL('../bin/watchword.js', import.meta.url))
const child = spawn(process.execPath, [main, 'run', config], { env, stdio: 'inherit' })
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)))

/** Address and login of Home Assistant's broker; nothing when there is none: then the config must name one. */
async function brokerOf(address) {
  const headers = { authorization: `Bearer ${process.env.SUPERVISOR_TOKEN ?? ''}` }
  try {
    const answer = await fetch(`${address}/services/mqtt`, { headers, signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) throw new Error(`the Supervisor answers ${answer.status}`)
    const { host, port, ssl, username, password } = (await answer.json()).data
    const url = `${ssl ? 'mqtts' : 'mqtt'}://${host}:${port}`
    return { MQTT_URL: url, MQTT_USER: username ?? '', MQTT_PASSWORD: password ?? '' }
  } catch (error) {
    process.stderr.write(
      `Cannot get the MQTT broker from Home Assistant: ${error.message}. Install the Mosquitto add-on, or set mqtt.url in ${config}\n`,
    )
    return {}
  }
}
