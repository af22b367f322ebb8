// Whoever is removed at the provider loses what they allowed for the organization, without anybody coming by.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { signInHere } from '../support/acme.js'
import { startApplication } from '../support/application.js'
import { element, person, startChromium } from '../support/chromium.js'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'
import { authorizationRequest, introspect, redeem } from '../support/requests.js'
import { setUpProvider, startUpstream } from '../support/upstream.js'

const SLUG = 'globex'
const PEOPLE = { ada: { sub: 'upstream-1001', name: 'Ada Upstream', email: 'alice@demo.example' } }
/** Seconds. An identity is asked about again after half of it, never before a minute has passed. */
const FRESHNESS = 120

let server, browser, application, upstream
before(async () => {
  const settings = { GRANTOR__SSO__FRESHNESS: String(FRESHNESS) }
  ;[server, browser, application, upstream] = await Promise.all([startGrantor(settings), startChromium(), startApplication(), startUpstream(PEOPLE)])
})
after(() => Promise.all([browser?.close(), application?.stop(), upstream?.stop(), server?.stop()]))

test('an account that is gone at the provider: the re-check finds out, and the token is inactive', async () => {
  const client = server.client('organization')
  await server.command('org', 'create', 'Globex', '--slug', SLUG, '--owner', server.administrator.login)
  const somebody = await person(browser, server, { friends: [application.origin, upstream.issuer] })
  const page = await somebody.newPage()
  await signInHere(page, server, server.administrator)
  await setUpProvider(page, server, SLUG, upstream, { as: 'ada' })
  const linked = Date.now()

  const asked = authorizationRequest(server, client, application.redirectUri, { scope: 'org:read', organization: SLUG })
  await page.goto(asked.url)
  await element(page, ID.allow).click()
  await page.waitForURL((url) => url.origin === application.origin)
  const { access_token } = await redeem(server, client, asked, application.last().query.code)
  const says = async () => (await introspect(server, client, access_token)).active
  assert.equal(await says(), true)

  upstream.remove('ada')
  await sleep(Math.max(0, linked + 60_500 - Date.now()))
  assert.equal(await says(), true, 'nobody has asked the provider yet')
  // What is due is asked about when a server starts, and every minute from then on.
  await server.restart()
  const deadline = linked + (FRESHNESS - 10) * 1000
  while ((await says()) && Date.now() < deadline) await sleep(250)
  assert.ok(Date.now() < deadline, 'it ended by being asked about, not by growing stale')
  assert.equal(await says(), false)

  await page.goto(`${server.issuer}/account/identities`)
  assert.match(await page.getByRole('main').innerText(), /Globex\s+No longer valid/)
  await somebody.leave()
})
