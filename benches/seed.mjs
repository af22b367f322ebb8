// Prepares a load: access tokens and refresh tokens, a line each, and what wrk needs in its environment.
import { writeFileSync } from 'node:fs'
import { bench } from './flow.mjs'

const [readyFile, folder] = process.argv.slice(2)
const { scope, authorization, token, codes, tokens, redemption } = await bench(readyFile)

const own = await tokens(Array.from({ length: 1000 }, () => token({ grant_type: 'client_credentials', scope })))
const families = await tokens((await codes(1000)).map(redemption))
const lines = (file, list) => writeFileSync(`${folder}/${file}`, list.map((line) => `${line}\n`).join(''))
lines('access', own.answers.map(({ access_token }) => access_token))
lines('refresh', families.answers.map(({ refresh_token }) => refresh_token))
lines('authorization', [authorization])
lines('scope', [encodeURIComponent(scope)])
