// The stable element ids of the pages: the one place where the suites know them.
export const ID = {
  username: 'username',
  password: 'password',
  signIn: 'login-submit',
  name: 'name',
  email: 'email',
  register: 'register-submit',
  allow: 'consent-allow',
  deny: 'consent-deny',
  formPost: 'form-post-continue',
  signOut: 'logout-confirm',
  playground: {
    start: 'playground-start',
    messages: 'playground-messages',
    redeem: 'playground-redeem',
    redeemAgain: 'playground-redeem-again',
    refresh: 'playground-refresh',
    refreshAgain: 'playground-refresh-again',
    introspect: 'playground-introspect',
    revoke: 'playground-revoke',
  },
}
