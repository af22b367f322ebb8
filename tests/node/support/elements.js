// The stable element ids of the pages: the one place where the suites know them.
export const ID = {
  username: 'username',
  password: 'password',
  signIn: 'login-submit',
  allow: 'consent-allow',
  deny: 'consent-deny',
  signOut: 'logout-confirm',
  playground: {
    client: 'playground-client',
    scope: 'playground-scope',
    responseType: 'playground-response-type',
    start: 'playground-start',
    redeem: 'playground-redeem',
    refresh: 'playground-refresh',
    introspect: 'playground-introspect',
    revoke: 'playground-revoke',
    messages: 'playground-messages',
  },
}
