// oidc-client-ts 3 in a single-page application on another site than the server: sign-in, UserInfo, renewal by refresh
// token, revocation. Nothing of it hangs on a cookie that browsers withhold from other sites.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { element, person, signIn, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'
import { startSpa } from '../support/spa.js'

const SCOPE = 'openid profile email offline_access'
let server, browser, spa, somebody, page, client
before(async () => {
  ;[server, browser, spa] = await Promise.all([startGrantor(), startChromium(), startSpa()])
  client = await server.declareClient({ name: 'Single page', kind: 'public', redirect_uris: [`${spa.origin}/callback`], allowed_origins: [spa.origin], openid: { post_logout_redirect_uris: [`${spa.origin}/`] } })
})
after(() => Promise.all([browser?.close(), spa?.stop(), server?.stop()]))
beforeEach(async () => {
  spa.configure({ authority: server.issuer, client_id: client.client_id, scope: SCOPE, loadUserInfo: true, monitorSession: false })
  somebody = await person(browser, server, { friends: [spa.origin] })
  page = await somebody.newPage()
})
afterEach(() => somebody.leave())

const ready = () => page.locator('body[data-ready]').waitFor()
const user = () => page.evaluate(async () => ({ ...(await globalThis.manager.getUser()) }))
/** Whether a token opens something still. */
const opens = async (token) => (await fetch(`${server.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } })).ok

/** From the application's button to the application, signed in. */
async function signedIn() {
  await page.goto(spa.origin)
  await ready()
  await element(page, 'sign-in').click()
  await signIn(page, server.user)
  await element(page, ID.allow).click()
  await page.waitForURL(`${spa.origin}/`)
  await ready()
  return user()
}

test('signing in: tokens by PKCE from another site, the person by UserInfo', async () => {
  const { profile, access_token, refresh_token, id_token, session_state } = await signedIn()
  assert.match(await element(page, 'who').innerText(), new RegExp(`, ${server.user.login}@demo\\.example$`))
  assert.match(access_token, /^gat_/)
  assert.match(refresh_token, /^grt_/)
  assert.ok(id_token)
  assert.equal(profile.iss, server.issuer)
  assert.equal(profile.preferred_username, server.user.login)
  assert.equal(session_state, null, 'session management is off')
  // What the application's own host saw of it, and its log keeps: a code, which is of no use without the verifier.
  assert.ok(spa.asked().every((address) => !address.includes(access_token) && !address.includes(id_token)))
})

test('renewal is by refresh token: no frame, no cookie', async () => {
  const first = await signedIn()
  const frames = []
  page.on('frameattached', (frame) => frames.push(frame.url()))
  await page.evaluate(() => globalThis.manager.signinSilent())
  const second = await user()
  assert.deepEqual(frames, [])
  assert.notEqual(second.access_token, first.access_token)
  assert.notEqual(second.refresh_token, first.refresh_token)
  assert.equal(second.profile.sub, first.profile.sub)
  assert.equal(second.profile.auth_time, first.profile.auth_time)
})

test('a minute before the end the application renews by itself', async () => {
  await page.clock.install()
  const first = await signedIn()
  await page.evaluate(() => (globalThis.heard.length = 0))
  await page.clock.fastForward((first.expires_at - Math.floor(Date.now() / 1000) - 50) * 1000)
  await page.waitForFunction(() => globalThis.heard.includes('UserLoaded'))
  await page.waitForFunction(() => globalThis.heard.length >= 2)
  assert.deepEqual((await page.evaluate(() => globalThis.heard)).sort(), ['AccessTokenExpiring', 'UserLoaded'])
  assert.notEqual((await user()).access_token, first.access_token)
})

test('signing out takes the tokens with it', async () => {
  const { access_token, refresh_token } = await signedIn()
  assert.equal(await opens(access_token), true)
  await page.evaluate(async () => {
    await globalThis.manager.revokeTokens(['refresh_token'])
    await globalThis.manager.removeUser()
  })
  assert.equal(await element(page, 'who').innerText(), 'Nobody')
  assert.equal(await opens(access_token), false)
  const answer = await fetch(`${server.issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: client.client_id }) })
  assert.equal((await answer.json()).error, 'invalid_grant')
})

test('signing out at the server as well leads back, and the next sign-in asks who it is', async () => {
  const { access_token } = await signedIn()
  await element(page, 'sign-out').click()
  await page.waitForURL((url) => url.origin === spa.origin)
  await ready()
  assert.equal(await element(page, 'who').innerText(), 'Nobody')
  assert.equal(await user().then((user) => user.access_token), undefined)
  // Allowed to act while the person is away: signing out does not end that.
  assert.equal(await opens(access_token), true)
  await element(page, 'sign-in').click()
  await element(page, ID.username).waitFor()
})

test('denying is told to the application', async () => {
  await page.goto(spa.origin)
  await ready()
  await element(page, 'sign-in').click()
  await signIn(page, server.user)
  await element(page, ID.deny).click()
  await page.waitForURL(`${spa.origin}/`)
  await ready()
  assert.match(await element(page, 'who').innerText(), /^access_denied/)
})
