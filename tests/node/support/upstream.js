// An OpenID Provider nobody here wrote (npm oidc-provider) as an organization's upstream: people come and go there, and
// its keys change.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import Provider from 'oidc-provider'
import { element } from './chromium.js'
import { ID } from './elements.js'
import { saw } from './secrets.js'

const random = () => randomBytes(24).toString('base64url')

/**
 * Starts one on a free port. `people` are by their login there, which is all they type: subject, name and an e-mail that
 * is verified.
 */
export async function startUpstream(people) {
  const everybody = new Map(Object.entries(people))
  const asked = []
  const clients = []
  let provider, key
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, issuer)
    if (pathname === '/auth') asked.push(searchParams)
    if (!pathname.startsWith('/interaction/')) return provider.callback()(request, response)
    interact(provider, everybody, request, response).catch((error) => response.writeHead(500).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${server.address().port}`
  const cookies = { keys: [random()] }

  // Another instance over the same storage, which is the module's own: what a restart with other keys is elsewhere.
  const restart = () => {
    provider = new Provider(issuer, {
      clients,
      findAccount: (_, sub) => accountOf([...everybody.values()].find((person) => person.sub === sub)),
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      features: { devInteractions: { enabled: false } },
      rotateRefreshToken: true,
      jwks: { keys: [key] },
      cookies,
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    })
    provider.on('authorization.success', (_, { code }) => saw(code))
    provider.on('grant.success', ({ body }) => [body.access_token, body.refresh_token, body.id_token].forEach(saw))
  }
  key = signingKey()
  restart()
  return {
    issuer,
    /** Registers an application with this callback. */
    register: (redirectUri) => {
      const client = { client_id: 'grantor', client_secret: random() }
      saw(client.client_secret)
      clients.push({ ...client, redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] })
      restart()
      return client
    },
    /** What the last browser that arrived was sent with. */
    lastAsked: () => Object.fromEntries(asked.at(-1)),
    /** Another key signs from now on, the one before is gone. */
    rotateKey: () => {
      key = signingKey()
      restart()
    },
    /** The account is no more. */
    remove: (login) => everybody.delete(login),
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: random(), alg: 'RS256', use: 'sig' }
}

const accountOf = (person) => person && { accountId: person.sub, claims: () => ({ email_verified: true, ...person }) }

/** Its pages: one that asks for a login, and consent that is always given. */
async function interact(provider, everybody, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response)
  const finish = (result) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
  if (prompt.name === 'consent') {
    const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    return finish({ consent: { grantId: await grant.save() } })
  }
  const typed = new URLSearchParams(request.method === 'POST' ? await text(request) : '')
  if (typed.has('cancel')) return finish({ error: 'access_denied', error_description: 'the person went away' })
  const person = everybody.get(typed.get('login'))
  if (person) return finish({ login: { accountId: person.sub } })
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Upstream</title>
<h1>Sign in upstream</h1><form method="post"><label>Login <input id="upstream-login" name="login" autocomplete="off"></label> <button id="upstream-submit">Sign in</button> <button id="upstream-cancel" name="cancel">Cancel</button></form></html>`)
}

/** From an organization's door to the provider and back; `asksAgain` where the person is signed in there already. */
export async function throughUpstream(page, upstream, login, { asksAgain = false } = {}) {
  await element(page, ID.sso.goOn).click()
  await signInThere(page, upstream, login)
  if (asksAgain) assert.match(upstream.lastAsked().prompt ?? '', /login/)
}

async function signInThere(page, upstream, login) {
  await element(page, ID.upstream.login).fill(login)
  assert.equal(new URL(page.url()).origin, upstream.issuer)
  await element(page, ID.upstream.signIn).click()
}

/** An owner, signed in, sets the provider up for an organization and links the account `as` there. */
export async function setUpProvider(page, { issuer }, slug, upstream, { as, form = () => {}, preview = () => {} }) {
  await page.goto(`${issuer}/orgs/${slug}/sso`)
  await page.getByRole('link', { name: /^OpenID Connect/ }).click()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: issuer })
  await page.getByRole('button', { name: 'Copy callback' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const { client_id, client_secret } = upstream.register(await page.evaluate(() => navigator.clipboard.readText()))
  await form()
  await element(page, ID.sso.issuer).fill(upstream.issuer)
  await element(page, ID.sso.clientId).fill(client_id)
  await element(page, ID.sso.secret).fill(client_secret)
  // The upstream of the suite is the organization's own: whoever has an account there belongs to it.
  await page.locator('#joining-everyone').check()
  await element(page, ID.sso.tryIt).click()
  await signInThere(page, upstream, as)
  await element(page, ID.sso.switchOn).waitFor()
  await preview()
  await element(page, ID.sso.switchOn).click()
  await page.waitForURL(`${issuer}/orgs/${slug}/sso`)
}
