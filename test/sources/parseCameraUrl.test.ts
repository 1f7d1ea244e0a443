import { expect, test } from 'vitest'
import { loginOf, parseCameraUrl } from '../../src/sources/parseCameraUrl.ts'

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

test.each([
  ['rtsp://h/1', null],
  ['rtsp://bob@h/1', { user: 'bob', password: '' }],
  ['rtsp://bob:@h/1', { user: 'bob', password: '' }],
  ['rtsp://b%40b:p%3Ass%2F%23@h/1', { user: 'b@b', password: 'p:ss/#' }],
  ['rtsp://bob:100%@h/1', { user: 'bob', password: '100%' }],
])('the login of %s', (url, login) => {
  expect(loginOf(parseCameraUrl(url))).toEqual(login)
})
