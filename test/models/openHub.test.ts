import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openHub } from '../../src/models/openHub.ts'
import { startFaultyServer, startProxy } from '../support/faultyServer.ts'
import { COMMIT, startLocalHub } from '../support/localHub.ts'
import { FILE, setUpDownloads } from '../support/setUpDownloads.ts'

const setup = setUpDownloads()

describe('answers', () => {
  test.each([
    [401, 'hub-denied'],
    [403, 'hub-denied'],
    [404, 'hub-not-found'],
    [410, 'hub-not-found'],
    [400, 'hub-failed'],
  ])('%i is %s', async (status, code) => {
    const { server, fetchFile } = setup()
    server.next(...Array.from({ length: 5 }, () => ({ kind: 'status', status }) as const))
    await expect(fetchFile()).rejects.toMatchObject({ code })
  })

  test('a 5xx answer is retried', async () => {
    const { server, fetchFile, expectWhole } = setup()
    server.next({ kind: 'status', status: 503 }, { kind: 'status', status: 429 })
    await fetchFile()
    expectWhole()
  })

  test('the hint of a rate limit names the time to wait', async () => {
    const { server, fetchFile } = setup()
    const status = { kind: 'status', status: 429, headers: { 'retry-after': '300' } } as const
    server.next(...Array.from({ length: 5 }, () => status))
    await expect(fetchFile()).rejects.toMatchObject({ code: 'hub-failed', hint: expect.stringContaining('300 s') })
  })

  test('a redirect within the hub is followed', async () => {
    const { server, fetchFile, expectWhole } = setup()
    server.next({ kind: 'redirect', to: '/elsewhere' })
    await fetchFile()
    expectWhole()
  })

  test('the token is not sent to another host', async () => {
    const { server, fetchFile, expectWhole } = setup()
    const other = await startFaultyServer({ '/cdn': FILE })
    server.next({ kind: 'redirect', to: `${other.url}/cdn` })
    await fetchFile()
    await other.stop()
    expectWhole()
    expect(other.visits).toEqual([{ path: '/cdn', range: null, authorization: null }])
  })
})

describe('the connection to the hub', () => {
  test('no server: one error at once, with a hint', async () => {
    const { server, fetchFile } = setup()
    await server.stop()
    await expect(fetchFile()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/^Cannot reach http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/),
      hint: expect.stringContaining('HF_ENDPOINT'),
    })
  })

  test('a proxy of the environment is used, and NO_PROXY goes around it', async () => {
    const { server, path, fetchFile } = setup()
    const proxy = await startProxy()
    const { host } = new URL(server.url)
    for (const [env, tunnels] of [
      [{ HTTP_PROXY: proxy.url }, [host]],
      [{ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' }, []],
    ] as const) {
      const before = proxy.tunnels.length
      const proxied = openHub({ HF_ENDPOINT: server.url, ...env })
      await fetchFile({ hub: proxied })
      await proxied.close()
      expect(proxy.tunnels.slice(before)).toEqual(tunnels)
      rmSync(path)
    }
    await proxy.stop()
  })

  test.each([
    [407, 'hub-denied', /user and password in HTTPS_PROXY/],
    [403, 'hub-failed', /NO_PROXY/],
  ])('a proxy that answers %i is reported', async (status, code, hint) => {
    const { server, fetchFile } = setup()
    const proxy = await startProxy(status)
    const proxied = openHub({ HF_ENDPOINT: server.url, HTTP_PROXY: proxy.url.replace('http://', '') })
    await expect(fetchFile({ hub: proxied })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${server.url}/model.onnx`),
      hint: expect.stringMatching(hint),
    })
    await proxied.close()
    await proxy.stop()
    expect(server.visits).toEqual([])
  })

  test.each(['http://', 'socks5://user:geheim@host:1', 'a b'])('an invalid HTTPS_PROXY: %s', proxy => {
    expect(() => openHub({ HTTPS_PROXY: proxy })).toThrow(
      expect.objectContaining({ code: 'hub-address', message: expect.not.stringContaining('geheim') }),
    )
  })

  test('a mirror’s user and password are sent, and never shown', async () => {
    const { server, fetchFile } = setup()
    const mirror = openHub({ HF_ENDPOINT: server.url.replace('//', '//anna:geheim@') })
    await fetchFile({ hub: mirror, url: mirror.urlOf('a', 'b', 'c').replace('/a/resolve/b/c', '/model.onnx') })
    await mirror.close()
    expect(mirror.shown).toBe(server.url)
    expect(server.visits[0]?.authorization).toBe(`Basic ${btoa('anna:geheim')}`)
  })

  test.each(['not a url', 'ftp://example.org'])('an invalid HF_ENDPOINT: %s', endpoint => {
    expect(() => openHub({ HF_ENDPOINT: endpoint })).toThrow(expect.objectContaining({ code: 'hub-address' }))
  })
})

test.each(['hf_geheim\n', 'hf_geheim\r\nx: y', 'hf geheim', 'hf_gehéim'])(
  'HF_TOKEN %j is refused and not shown',
  token => {
    const error = { code: 'hub-denied', message: expect.not.stringMatching(/geh.im/) }
    expect(() => openHub({ HF_TOKEN: token })).toThrow(expect.objectContaining(error))
  },
)

describe('what the hub says about a file', () => {
  test('is not asked of another protocol on the same host, which would get the token', async () => {
    const local = await startLocalHub({})
    const hub = openHub({ HF_ENDPOINT: local.url, HF_TOKEN: 'hf_secret' })
    const location = `${local.url.replace('http:', 'https:')}/elsewhere`
    local.next({ status: 302, headers: { location, 'x-repo-commit': COMMIT, 'x-linked-size': '7' } })
    expect(await hub.describe(hub.urlOf('a/b', 'main', 'c'))).toEqual({ commit: COMMIT, digest: null, bytes: 7 })
    await hub.close()
    await local.stop()
  })

  test('behind a redirect that is no address', async () => {
    const local = await startLocalHub({})
    const hub = openHub({ HF_ENDPOINT: local.url })
    local.next({ status: 302, headers: { location: 'http://[' } })
    await expect(hub.describe(hub.urlOf('a/b', 'main', 'c'))).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/^The hub redirects to an address that is no URL for http/),
    })
    await hub.close()
    await local.stop()
  })
})
