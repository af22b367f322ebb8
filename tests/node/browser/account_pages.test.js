// The pages of accounts in organizations: invitations, linked identities, addresses, mail.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { enterAcme, signInHere } from '../support/acme.js'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'
import { authorizationRequest } from '../support/requests.js'

const { organization } = ID
let server, browser, somebody, page
before(async () => {
  ;[server, browser] = await Promise.all([startGrantor(), startChromium()])
})
after(() => Promise.all([browser?.close(), server?.stop()]))
beforeEach(async () => {
  somebody = await person(browser, server)
  page = await somebody.newPage()
})
afterEach(() => somebody.leave())

const at = (path) => page.goto(`${server.issuer}${path}`)

test('an invitation goes by mail, says who invites, and its link opens the organization', async () => {
  const { slug } = await server.command('org', 'create', 'Initech Limited', '--slug', 'initech', '--owner', server.administrator.login)
  await signInHere(page, server, server.administrator)
  await at(`/orgs/${slug}/members/invite`)
  await element(page, organization.emails).fill('peter@example.com')
  await element(page, organization.sendInvitations).click()
  await page.waitForURL((url) => url.pathname === `/orgs/${slug}/members`)
  await look(page, 'org-members-invited')
  await at('/mailbox')
  await page.getByRole('link', { name: /peter@example\.com/ }).click()
  await look(page, 'mail-invitation')
  const link = await page.locator('a[href*="/invite/"]').first().getAttribute('href')

  const invited = await person(browser, server)
  const theirs = await invited.newPage()
  await theirs.goto(new URL(link, server.issuer).href)
  assert.match(await theirs.getByRole('main').innerText(), /Initech Limited/)
  await look(theirs, 'invitation')
  await theirs.getByRole('link', { name: 'Sign in' }).click()
  await signIn(theirs, server.user)
  await element(theirs, organization.accept).waitFor()
  await look(theirs, 'invitation-signed-in')
  await element(theirs, organization.accept).click()
  await theirs.waitForURL((url) => url.pathname === `/orgs/${slug}`)
  // Now they are in two.
  await theirs.goto(`${server.issuer}/orgs`)
  await look(theirs, 'orgs')
  await theirs.goto(authorizationRequest(server, server.client('organization'), `${server.issuer}/playground/callback`, { scope: 'org:read' }).url)
  await element(theirs, organization.choices).waitFor()
  await look(theirs, 'choose-organization')
  await invited.leave()
})

test('a person finds linked identities, their address and their mail', async () => {
  await enterAcme(page, server)
  for (const [path, name] of [
    ['/', 'home-organizations'],
    ['/account/identities', 'account-identities'],
    ['/account/email', 'account-email'],
  ]) {
    await at(path)
    await look(page, name)
  }
})

test('who forgot the password is sent a link, which the mailbox of a development server shows', async () => {
  await at('/recover')
  await look(page, 'recover')
  await element(page, ID.username).fill(server.user.login)
  await element(page, 'recover-submit').click()
  await page.waitForLoadState()
  await look(page, 'recover-sent')
  await at('/mailbox')
  await look(page, 'mailbox')
  await page.getByRole('link', { name: new RegExp(`${server.user.login}@`) }).first().click()
  await look(page, 'mail')
})
