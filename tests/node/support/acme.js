// The way into the demo organization, whose provider believes whatever one says.
import { element, signIn } from './chromium.js'
import { ID } from './elements.js'

/** Signs in with the password alone. */
export async function signInHere(page, { issuer }, user) {
  await page.goto(`${issuer}/login`)
  await signIn(page, user)
  await page.waitForURL(`${issuer}/`)
}

/** From the organization's door or its redirection to the provider and back, as somebody with this address. */
export async function throughDummy(page, { login }) {
  await element(page, ID.sso.goOn).click()
  await element(page, ID.sso.dummyEmail).fill(`${login}@demo.example`)
  await element(page, ID.sso.dummySignIn).click()
}

/** Its linked member, signed in here and there. */
export async function enterAcme(page, server) {
  await signInHere(page, server, server.administrator)
  await page.goto(`${server.issuer}/orgs/acme`)
  await throughDummy(page, server.administrator)
  await page.waitForURL(`${server.issuer}/orgs/acme`)
}
