/** Certificates and passwords between the MQTT sink and a real Mosquitto, and the probe that `validate` uses. */

import { describe, expect, it } from 'vitest'
import { probeBroker } from '../../src/sinks/mqtt/probeBroker.ts'
import { hasMosquitto, makeCertificates } from '../support/mosquitto.ts'
import { useMqtt } from '../support/mqttHarness.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const skip = !hasMosquitto && !process.env.CI
if (skip) console.warn('SKIPPED: mosquitto is not installed')

const { broker, start, listener } = useMqtt()

describe.skipIf(skip)('mqtt with a real Mosquitto', () => {
  it('checks the certificate, accepts a CA, and warns when it does not check', async () => {
    const certificates = makeCertificates(temporaryFolder())
    const { port } = await broker({ tls: certificates })
    const url = `mqtts://127.0.0.1:${port}`

    const unknown = await start(url)
    await until(() => unknown.telemetry.of('MqttDisconnected').length > 0, 'the certificate was refused')
    expect(unknown.telemetry.of('MqttDisconnected')[0]).toMatchObject({
      error: expect.stringMatching(/certificate/),
      advice: expect.stringContaining('mqtt.tls.ca'),
    })
    expect(unknown.mqtt.connected).toBe(false)

    const known = await start(url, { tls: { ca: certificates.ca, insecure: false } })
    await until(() => known.mqtt.connected, 'the CA was enough')
    expect(known.telemetry.of('MqttUnverified')).toEqual([])

    const careless = await start(url, { tls: { insecure: true } })
    await until(() => careless.mqtt.connected, 'it connected without a check')
    expect(careless.telemetry.of('MqttUnverified')).toHaveLength(1)
  })

  it.each([
    ['names another host', { san: 'DNS:broker.example' }, /altnames/, /a host in `mqtt.url`/],
    ['has expired', { days: -1 }, /expired/, /renew/],
  ])('says what to do about a certificate that %s', async (_, made, error, advice) => {
    const certificates = makeCertificates(temporaryFolder(), made)
    const { port } = await broker({ tls: certificates })
    const { telemetry, mqtt } = await start(`mqtts://127.0.0.1:${port}`, {
      tls: { ca: certificates.ca, insecure: false },
    })
    await until(() => telemetry.of('MqttDisconnected').length > 0, 'it was refused')
    expect(telemetry.of('MqttDisconnected')[0]).toMatchObject({
      error: expect.stringMatching(error),
      advice: expect.stringMatching(advice),
    })
    expect(mqtt.connected).toBe(false)
  })

  it.each([
    ['mqtts', {}, 'mqtt://, without TLS'],
    ['mqtt', { tls: true }, 'mqtts://'],
  ] as const)(
    'names the other scheme when %s:// is the wrong one',
    async (scheme, { tls = false }: { tls?: boolean }, other) => {
      const { port } = await broker(tls ? { tls: makeCertificates(temporaryFolder()) } : {})
      const { telemetry } = await start(`${scheme}://127.0.0.1:${port}`)
      await until(() => telemetry.of('MqttDisconnected').length > 0, 'it was cut off')
      expect(telemetry.of('MqttDisconnected')[0]?.error).toContain(`does this port expect ${other}?`)
    },
  )

  it('shows its own certificate to a broker that requests one, and reports when it is missing', async () => {
    const certificates = makeCertificates(temporaryFolder())
    const { port } = await broker({ tls: certificates, config: ['require_certificate true'] })
    const url = `mqtts://127.0.0.1:${port}`
    const nameless = await start(url, { tls: { ca: certificates.ca, insecure: false } })
    await until(() => nameless.telemetry.of('MqttDisconnected').length > 0, 'it was refused')
    expect(nameless.telemetry.of('MqttDisconnected')[0]).toMatchObject({
      error: expect.stringMatching(/^TLS: .*certificate required$/),
      advice: expect.stringContaining('mqtt.tls.cert'),
    })
    const named = await start(url, { tls: { ...certificates, insecure: false } })
    await until(() => named.mqtt.connected, 'it was accepted')
  })

  it('refuses TLS files that are none, or do not belong together', async () => {
    const [one, other] = [makeCertificates(temporaryFolder()), makeCertificates(temporaryFolder())]
    const expectRefused = async (tls: object, message: RegExp) =>
      await expect(start('mqtts://127.0.0.1:1', { tls: { insecure: false, ...tls } })).rejects.toMatchObject({
        code: 'mqtt-tls-file',
        message: expect.stringMatching(message),
      })
    await expectRefused({ ca: one.key }, /`mqtt.tls.ca`/)
    await expectRefused({ cert: one.cert }, /`mqtt.tls.key` \(missing\): a certificate needs a key/)
    await expectRefused({ cert: one.cert, key: other.key }, /`mqtt.tls.cert`.*key values mismatch/)
  })

  it('names the TLS file that it cannot read', async () => {
    await expect(
      start('mqtts://127.0.0.1:1', { tls: { ca: '/nowhere/ca.pem', insecure: false } }),
    ).rejects.toMatchObject({
      code: 'mqtt-tls-file',
      message: expect.stringContaining('/nowhere/ca.pem'),
    })
  })

  it('signs in with user and password, from options or from the URL, and reports when they are wrong', async () => {
    const { port } = await broker({ user: { name: 'watch', password: 'geheim@123' } })
    const url = `mqtt://127.0.0.1:${port}`
    const right = await start(url, { username: 'watch', password: 'geheim@123' })
    await until(() => right.mqtt.connected, 'it was accepted')
    const inUrl = await start(`mqtt://watch:geheim%40123@127.0.0.1:${port}`)
    await until(() => inUrl.mqtt.connected, 'it was accepted by the url')
    expect(JSON.stringify(inUrl.telemetry.internalEvents)).not.toContain('geheim')

    for (const protocol of ['5', '3.1.1'] as const) {
      const wrong = await start(url, { username: 'watch', password: 'wrong', protocol })
      await until(() => wrong.telemetry.of('MqttDisconnected').length > 0, 'it was refused')
      expect(wrong.telemetry.of('MqttDisconnected')[0]).toMatchObject({
        error: expect.stringMatching(/not authorized/i),
        advice: expect.stringContaining('`mqtt.password`'),
      })
    }
  })
})

describe.skipIf(skip)('probeBroker', () => {
  const options = (url: string) => ({
    url,
    clientId: 'watchword',
    topicPrefix: 'watchword',
    protocol: 'auto' as const,
    telemetry: recordTelemetry(),
    tls: { insecure: false },
  })

  it('reports the broker’s protocol and does not disturb a running instance', async () => {
    const { port } = await broker()
    const url = `mqtt://127.0.0.1:${port}`
    const subscriber = await listener(url)
    const { mqtt } = await start(url, { clientId: 'watchword' })
    await until(() => mqtt.connected, 'it was connected')
    await expect(probeBroker(options(url))).resolves.toBe(5)
    await expect(probeBroker({ ...options(url), protocol: '3.1.1' })).resolves.toBe(4)
    expect(mqtt.connected).toBe(true)
    expect(subscriber.on('watchword/bridge/state')).not.toContain('offline')
  })

  it('reports why it was rejected', async () => {
    const { port } = await broker({ user: { name: 'watch', password: 'right' } })
    await expect(probeBroker(options(`mqtt://watch:wrong@127.0.0.1:${port}`))).rejects.toThrow(
      /not authorized.*`mqtt.password`/i,
    )
    await expect(probeBroker(options('mqtt://127.0.0.1:1'))).rejects.toThrow(/ECONNREFUSED/)
  })
})
