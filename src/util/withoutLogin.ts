/** The URL as it may be shown and logged: user and password are left out. */
export function withoutLogin(url: string): string {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare.href
}
