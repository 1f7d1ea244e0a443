/** Whether the login in a URL can be read: a password with a bare `%` can't. */
export function hasReadableLogin(url: string): boolean {
  const { username, password } = new URL(url)
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}
