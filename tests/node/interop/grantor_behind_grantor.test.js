// Two grantors, each a process of its own: people have accounts at one, and an organization of the other lets them in.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ID } from '../support/elements.js'
import { startGrantor } from '../support/grantor.js'
import { forget } from '../support/secrets.js'
import { Visitor } from '../support/visitor.js'

const SLUG = 'globex'

let upstream, server, client
before(async () => {
  ;[upstream, server] = await Promise.all([startGrantor(), startGrantor()])
  const scopes = ['openid', 'profile', 'email', 'offline_access'].flatMap((scope) => ['--scope', scope])
  client = await upstream.command('client', 'create', '--name', 'The other server', '--redirect-uri', `${server.issuer}/sso/callback`, ...scopes)
  await server.command('org', 'create', 'Globex', '--slug', SLUG, '--owner', server.administrator.login)
})
after(async () => {
  await server?.stop()
  // To the upstream the other's `state` is what any client sends: a consent page keeps the request it is about.
  forget('gus_')
  await upstream?.stop()
})

/** Where the upstream sends somebody back to, once they signed in there and said yes. */
const through = (page, user) => new Visitor(upstream.issuer).authorize(page.location, user)

test('an owner sets the other server up as the provider and is linked', async () => {
  const owner = new Visitor(server.issuer)
  await owner.signIn(await owner.open('/login'), server.administrator)
  const kinds = await owner.open(`/orgs/${SLUG}/sso`)
  const form = await owner.open(/href="([^"]*oidc[^"]*)"/.exec(kinds.html)[1].replaceAll('&amp;', '&'))
  const typed = { issuer: upstream.issuer, client_id: client.client_id, secret: client.client_secret, joining: 'everyone' }
  const left = await owner.press(form, ID.sso.tryIt, typed)
  assert.equal(left.location?.origin, upstream.issuer, left.html)
  const preview = await owner.open(await through(left, upstream.administrator))
  const done = await owner.press(preview, ID.sso.switchOn)
  assert.equal(done.status, 200)
  const { html } = await owner.open('/account/identities')
  assert.match(html, /Globex/)
})

test('somebody of the one joins the other, and comes in again', async () => {
  const [newcomer, again] = [new Visitor(server.issuer), new Visitor(server.issuer)]
  const left = await newcomer.press(await newcomer.open(`/login/${SLUG}`), ID.sso.goOn)
  const asked = await newcomer.open(await through(left, upstream.user))
  const joined = await newcomer.press(asked, ID.sso.join)
  assert.equal(new URL(joined.url).pathname, `/orgs/${SLUG}`)
  const back = await again.press(await again.open(`/login/${SLUG}`), ID.sso.goOn)
  const inside = await again.open(await through(back, upstream.user))
  assert.deepEqual([inside.status, new URL(inside.url).pathname], [200, `/orgs/${SLUG}`])
})
