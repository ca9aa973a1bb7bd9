// What the account forms check before asking the server, which checks again.

/** A sign-in name: letters, digits, dot, hyphen, underscore. */
export function isSignIn(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$/.test(text)
}
