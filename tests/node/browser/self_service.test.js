// One's own account in Chromium: tokens, connected applications, applications one develops, one's data, the end of it.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { signInHere } from '../support/acme.js'
import { element, look, person, startChromium, tabTo } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'
import { authorizationRequest, redeem } from '../support/requests.js'
import { saw } from '../support/secrets.js'

const { account } = ID
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
const click = (id) => element(page, id).click()

async function secretShown() {
  await element(page, account.secret).waitFor()
  const secret = await element(page, account.secret).innerText()
  saw(secret)
  return secret
}

test('a token is made, works, and is deleted', async () => {
  await signInHere(page, server, server.user)
  await at('/account')
  await look(page, 'account')
  await page.getByRole('navigation', { name: 'Your account' }).getByRole('link', { name: 'Tokens' }).click()
  await look(page, 'account-tokens-empty')
  await click(account.newToken)
  await look(page, 'account-token-new')
  await element(page, account.tokenName).fill('backup script')
  await page.getByLabel('account:read').check()
  await click(account.makeToken)
  const token = await secretShown()
  await look(page, 'account-token-made')
  const me = () => fetch(`${server.issuer}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal((await me()).status, 200)
  await click(account.secretKept)
  await look(page, 'account-tokens')
  await page.getByRole('link', { name: 'Delete token backup script' }).click()
  await look(page, 'account-token-delete')
  await click(account.confirm)
  await page.getByRole('status').waitFor()
  assert.equal((await me()).status, 401)
})

test('a token is made by keyboard alone', async () => {
  await signInHere(page, server, server.user)
  await at('/account/tokens/new')
  await tabTo(page, account.tokenName)
  await page.keyboard.type('by keyboard')
  await tabTo(page, await page.getByLabel('account:read').getAttribute('id'))
  await page.keyboard.press('Space')
  await tabTo(page, account.makeToken)
  await page.keyboard.press('Enter')
  await secretShown()
  await at('/account/sessions')
  await look(page, 'account-sessions')
})

test('an application is registered, used, changed, deleted and kept', async () => {
  await signInHere(page, server, server.user)
  await at('/account/developer')
  await look(page, 'account-developer-empty')
  await click(account.newApplication)
  await look(page, 'account-application-new')
  await element(page, account.applicationName).fill('Moondial')
  await element(page, account.redirectUris).fill('javascript:alert(1)')
  await click(account.saveApplication)
  await page.getByRole('alert').first().waitFor()
  await look(page, 'account-application-refused')
  const redirectUri = `${server.issuer}/playground/callback`
  await element(page, account.redirectUris).fill(redirectUri)
  await page.getByLabel('org:read').check()
  await click(account.saveApplication)
  const client = { client_secret: await secretShown(), client_id: await page.locator('code.command').first().innerText() }
  await click(account.secretKept)
  const own = page.url()
  const asked = authorizationRequest(server, client, redirectUri, { scope: 'org:read' })
  await page.goto(asked.url)
  await look(page, 'consent-unverified')
  const [answer] = await Promise.all([page.waitForRequest((request) => request.url().startsWith(`${redirectUri}?`)), element(page, ID.allow).click()])
  await redeem(server, client, asked, new URL(answer.url()).searchParams.get('code'))
  await page.goto(authorizationRequest(server, client, redirectUri, { scope: 'nothing:such' }).url)
  await page.goto(own)
  assert.equal(await element(page, account.users).innerText(), '1 user')
  await look(page, 'account-application')
  await click(account.rotate)
  await look(page, 'account-application-secret')
  await click(account.confirm)
  await secretShown()
  await page.goto(own)
  await click(account.remove)
  assert.match(await page.getByRole('main').innerText(), /1 user and has 2 live tokens/)
  await look(page, 'account-application-delete')
  await click(account.confirm)
  await look(page, 'account-developer')
  await page.goto(own)
  await look(page, 'account-application-pending')
  await click(account.restore)
  await element(page, account.remove).waitFor()
  await at('/account/applications')
  await look(page, 'account-connected')
  await page.getByRole('link', { name: 'Revoke access of Moondial' }).click()
  await look(page, 'account-revoke')
  await click(account.confirm)
  await page.getByRole('status').waitFor()
  await look(page, 'account-connected-empty')
})

test('a person takes their data along, and ends the account', async () => {
  await at('/register')
  const login = 'leaving'
  const password = 'seven unlikely words that leave no trace'
  saw(password)
  await element(page, ID.username).fill(login)
  await element(page, ID.name).fill('Somebody Leaving')
  await element(page, ID.email).fill('leaving@example.com')
  await element(page, ID.password).fill(password)
  await click(ID.register)
  await at('/account/data')
  await look(page, 'account-data')
  const [download] = await Promise.all([page.waitForEvent('download'), click(account.export)])
  const data = JSON.parse(await readFile(await download.path(), 'utf8'))
  assert.equal(data.profile.login, login)
  await click(account.end)
  await look(page, 'account-delete')
  await element(page, account.typed).fill(login)
  await click(account.confirm)
  await page.getByRole('heading', { name: 'Your account is deleted' }).waitFor()
  await look(page, 'account-deleted')
})
