import { expect, test } from 'vitest'
import { parseCameraUrl, withAddress } from '../../src/sources/address.ts'

test.each(['/etc/passwd', 'file:///etc/passwd', 'http://h/x', 'concat:a|b', 'rtsp://', 'rtsp', ''])(
  '%j is not a camera',
  url => {
    expect(() => parseCameraUrl(url)).toThrow(expect.objectContaining({ code: 'camera-url-invalid' }))
  },
)

test('the error tells nothing of the URL', () => {
  expect(() => parseCameraUrl('http://bob:hunter22@h/x')).toThrow(
    expect.objectContaining({ message: 'Expected the camera `url` to begin with rtsp:// or rtsps://, got http:' }),
  )
})

const resolveTo = (address: string, family: number) => (async () => ({ address, family })) as never

test('a name becomes an address; user, port, path and query stay', async () => {
  const url = parseCameraUrl('rtsp://bob:p%40ss@cam.lan:8554/a/b?channel=1&subtype=0')
  expect(await withAddress(url, resolveTo('10.0.0.9', 4))).toBe(
    'rtsp://bob:p%40ss@10.0.0.9:8554/a/b?channel=1&subtype=0',
  )
  expect(await withAddress(url, resolveTo('fe80::1', 6))).toBe(
    'rtsp://bob:p%40ss@[fe80::1]:8554/a/b?channel=1&subtype=0',
  )
})

test.each(['rtsp://10.0.0.9/1', 'rtsp://[::1]:554/1'])('%s is left alone', async url => {
  expect(await withAddress(parseCameraUrl(url), resolveTo('1.1.1.1', 4))).toBe(url)
})

test('a name that is none is lost by not-found', async () => {
  const fail = (async () => {
    throw new Error('getaddrinfo ENOTFOUND cam.lan')
  }) as never
  await expect(withAddress(parseCameraUrl('rtsp://a:b@cam.lan/1'), fail)).rejects.toMatchObject({
    reason: 'not-found',
    message: 'no such host: cam.lan (getaddrinfo ENOTFOUND cam.lan)',
  })
})
