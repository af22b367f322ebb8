// An organization signs its people in with a provider nobody here wrote: set up, linked, joined, signed in again.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { signInHere } from '../support/acme.js'
import { startApplication } from '../support/application.js'
import { element, look, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'
import { authorizationRequest, introspect, redeem } from '../support/requests.js'
import { setUpProvider, startUpstream, throughUpstream } from '../support/upstream.js'

const { organization, sso, upstream: there } = ID
const SLUG = 'globex'
const SCOPE = 'org:read'
const PEOPLE = {
  ada: { sub: 'upstream-1001', name: 'Ada Upstream', email: 'alice@demo.example' },
  ben: { sub: 'upstream-1002', name: 'Ben Upstream', email: 'bob@demo.example' },
  dora: { sub: 'upstream-1003', name: 'Dora Newcomer', email: 'dora@upstream.example' },
}

let server, browser, application, upstream, somebody, page, client, globex
before(async () => {
  ;[server, browser, application, upstream] = await Promise.all([startGrantor(), startChromium(), startApplication(), startUpstream(PEOPLE)])
  client = server.client('organization')
})
after(() => Promise.all([browser?.close(), application?.stop(), upstream?.stop(), server?.stop()]))
beforeEach(async () => {
  somebody = await person(browser, server, { friends: [application.origin, upstream.issuer] })
  page = await somebody.newPage()
})
afterEach(() => somebody.leave())

const request = (parameters) => authorizationRequest(server, client, application.redirectUri, { scope: SCOPE, ...parameters })
const arrived = () => page.waitForURL((url) => url.origin === application.origin)
const said = () => page.getByRole('main').innerText()

/** Allows on the consent page; the tokens the application gets for the code, for the very request it made. */
async function allow(asked) {
  await element(page, ID.allow).click()
  await arrived()
  const { code, state, iss } = application.last().query
  assert.deepEqual({ state, iss }, { state: asked.state, iss: server.issuer })
  return redeem(server, client, asked, code)
}

test('an owner sets up single sign-on, sees what the provider says, switches it on and is linked', async () => {
  await signInHere(page, server, server.administrator)
  await page.goto(`${server.issuer}/orgs`)
  await element(page, organization.make).click()
  await element(page, organization.name).fill('Globex')
  await element(page, organization.slug).fill(SLUG)
  await element(page, organization.create).click()
  await page.waitForURL((url) => url.pathname === `/orgs/${SLUG}`)

  await setUpProvider(page, server, SLUG, upstream, { preview: () => look(page, 'sso-preview'), form: () => look(page, 'sso-set-up'), as: 'ada' })
  assert.match(await element(page, sso.counts).innerText(), /^1 linked, 0 not linked/)
  await look(page, 'sso-settings')
  await page.goto(`${server.issuer}/account/identities`)
  assert.match(await said(), /Globex[^]*OpenID Connect[^]*alice@demo\.example/)
  ;({ id: globex } = await server.command('org', 'show', SLUG))
})

test('a member links on the way of an authorization request, which goes on to a code and a token of the organization', async () => {
  await server.command('org', 'member', 'add', SLUG, server.user.login, 'member')
  const asked = request()
  await page.goto(asked.url)
  await signIn(page, server.user)
  await element(page, organization.choices).getByRole('link', { name: 'Globex' }).click()
  await element(page, sso.goOn).waitFor()
  await look(page, 'sso-door')
  await throughUpstream(page, upstream, 'ben')
  await element(page, sso.link).waitFor()
  await look(page, 'sso-link')
  await element(page, sso.link).click()
  await element(page, ID.allow).waitFor()
  assert.match(await said(), /Globex/)
  await look(page, 'consent-organization')
  const tokens = await allow(asked)
  assert.deepEqual({ organization: tokens.organization_id, scope: tokens.scope }, { organization: globex, scope: SCOPE })
  const { active, organization_id, username } = await introspect(server, client, tokens.access_token)
  assert.deepEqual({ active, organization_id, username }, { active: true, organization_id: globex, username: server.user.login })
})

test('somebody nobody here knows joins through the provider', async () => {
  await page.goto(`${server.issuer}/login/${SLUG}`)
  await throughUpstream(page, upstream, 'dora')
  await element(page, sso.join).waitFor()
  assert.match(await said(), /Dora Newcomer[^]*dora@upstream\.example/)
  await look(page, 'sso-join')
  await element(page, sso.join).click()
  await page.waitForURL((url) => url.pathname === `/orgs/${SLUG}`)
  await page.goto(`${server.issuer}/orgs/${SLUG}/members`)
  assert.match(await said(), /Dora Newcomer/)
  // The provider's word opens the organization that manages the account, and no other: the account has no other.
  await page.goto(`${server.issuer}/orgs/acme`)
  assert.doesNotMatch(await said(), /You in this organization/)
})

test('prompt=login asks for a new sign-in at the provider, which knows the person still', async () => {
  await page.goto(`${server.issuer}/login/${SLUG}`)
  await throughUpstream(page, upstream, 'dora')
  await page.waitForURL((url) => url.pathname === `/orgs/${SLUG}`)

  const calm = request({ organization: SLUG })
  await page.goto(calm.url)
  assert.equal((await allow(calm)).organization_id, globex)

  const asked = request({ organization: SLUG, prompt: 'login' })
  await page.goto(asked.url)
  await throughUpstream(page, upstream, 'dora', { asksAgain: true })
  assert.ok(upstream.lastAsked().prompt.split(' ').includes('login'), upstream.lastAsked().prompt)
  assert.equal((await allow(asked)).organization_id, globex)
})

test('the provider signs with another key and people sign in as before', async () => {
  upstream.rotateKey()
  await page.goto(`${server.issuer}/login/${SLUG}`)
  await throughUpstream(page, upstream, 'dora')
  await page.waitForURL((url) => url.pathname === `/orgs/${SLUG}`)
  assert.match(await said(), /Globex/)
})

test('who cancels at the provider is told so, and nobody is signed in', async () => {
  await page.goto(`${server.issuer}/login/${SLUG}`)
  await element(page, sso.goOn).click()
  await element(page, there.login).waitFor()
  await element(page, there.cancel).click()
  await page.waitForURL((url) => url.pathname === '/sso/callback')
  assert.match(await said(), /You were not signed in/)
  await look(page, 'sso-refused')
  await page.goto(`${server.issuer}/orgs/${SLUG}`)
  await element(page, sso.goOn).waitFor()
})

test('the demo organization: its unlinked member authorizes for it and links at the dummy provider', async () => {
  const [acme] = server.organizations
  const unlinked = acme.members.find(({ linked }) => !linked)
  assert.equal(client.kind, 'organization')
  const asked = request({ organization: acme.slug })
  await page.goto(asked.url)
  await signIn(page, unlinked)
  await element(page, sso.goOn).click()
  await element(page, sso.dummyEmail).waitFor()
  await look(page, 'sso-dummy')
  await element(page, sso.dummyEmail).fill(`${unlinked.login}@demo.example`)
  await element(page, sso.dummySignIn).click()
  await element(page, sso.link).click()
  const tokens = await allow(asked)
  const { id } = await server.command('org', 'show', acme.slug)
  assert.equal(tokens.organization_id, id)
  assert.equal((await introspect(server, client, tokens.access_token)).active, true)
})
