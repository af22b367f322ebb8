// Every secret the suites see, and the search for them where none may stand: the server's database and its log.
// Importing this file lets every `fetch` of the process tell what it brought, so foreign clients need not know of it.

/** The texts that are secrets by their form: PREFIX_ + id (11) + secret (43) + checksum (6). */
const TOKEN = /\bg(?:ac|at|rt|pt|ak|cs|ss|cr|up|us|in|ml|ia|rg)_[0-9A-Za-z]{60}\b/g
/** ID tokens, assertions and the like: a signature makes them one. */
const JWS = /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{40,}/g
/** Parameters and members that are secrets whatever they look like. */
const NAMES = ['password', 'client_secret', 'code_verifier', 'csrf_token']
/** Shorter texts would be found by chance. */
const SHORTEST = 12

const seen = new Set()

/** Remembers one. */
export function saw(secret) {
  if (typeof secret === 'string' && secret.length >= SHORTEST) seen.add(secret)
}

/** Remembers every token in a text: a body, a header, an address. */
export function sawIn(text) {
  for (const form of [TOKEN, JWS]) for (const [token] of String(text).matchAll(form)) saw(token)
}

/** Remembers tokens in a form, and the members whose name says that they are secret. */
export function sawInForm(text) {
  sawIn(text)
  const parameters = new URLSearchParams(text)
  for (const name of NAMES) parameters.getAll(name).forEach(saw)
}

/** Remembers tokens in headers, and what a Basic header or a cookie holds. */
export function sawInHeaders(headers) {
  for (const [name, value] of headers) {
    sawIn(value)
    const lower = name.toLowerCase()
    if (lower === 'authorization' && value.startsWith('Basic ')) {
      const [, secret] = Buffer.from(value.slice('Basic '.length), 'base64').toString().split(':')
      saw(new URLSearchParams(`secret=${secret ?? ''}`).get('secret'))
    }
    if (lower === 'set-cookie') value.split('\n').forEach((line) => saw(line.split(';')[0].split('=')[1]))
  }
}

/** Texts with this prefix are another server's, and may stand where this one keeps what it was asked. */
export function forget(prefix) {
  for (const secret of seen) if (secret.startsWith(prefix)) seen.delete(secret)
}

/** How many were seen. */
export const count = () => seen.size

/** The text itself, and of a token made here the part that is secret. */
function needles(secret) {
  const part = new RegExp(`^${TOKEN.source}$`).test(secret) ? [secret.slice(15, 58)] : []
  return [secret, ...part]
}

/**
 * Secrets that stand in one of `places` (name to bytes), in the clear or in hex, whole or only their secret part. Never
 * the whole secret in the answer: it goes into the log of a failed test.
 */
export function found(places, secrets = seen) {
  const leaks = []
  for (const [name, bytes] of Object.entries(places)) {
    const lower = Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1')
    for (const secret of secrets) {
      const plain = needles(secret)
      const hex = plain.map((text) => Buffer.from(text).toString('hex'))
      if (plain.some((text) => bytes.includes(text)) || hex.some((text) => lower.includes(text))) leaks.push(`${secret.slice(0, 15)}.. stands in ${name}`)
    }
  }
  return leaks
}

const plainFetch = globalThis.fetch
globalThis.fetch = async (input, init) => {
  sawIn(input?.url ?? input)
  if (init?.headers) sawInHeaders(new Headers(init.headers))
  if (init?.body) sawInForm(String(init.body))
  const answer = await plainFetch(input, init)
  sawInHeaders(answer.headers)
  sawIn(await answer.clone().text())
  return answer
}
