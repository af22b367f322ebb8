// Wrong passwords for a known and an unknown account of the same length, taking turns; means, and how sure their
// difference is (Welch's t: within -2 and 2 the two cannot be told apart by this many tries).
import { readFileSync } from 'node:fs'
import { ID } from '../tests/node/support/elements.js'
import { Visitor } from '../tests/node/support/visitor.js'

const [readyFile, tries] = process.argv.slice(2)
const { issuer, users } = JSON.parse(readFileSync(readyFile, 'utf8'))
const known = users[0].login
const accounts = { known, unknown: known.split('').reverse().join('') }
const took = { known: [], unknown: [] }

const visitor = new Visitor(issuer)
let page = await visitor.open('/login')
for (let turn = -20; turn < Number(tries); turn++) {
  for (const which of turn % 2 === 0 ? ['known', 'unknown'] : ['unknown', 'known']) {
    const started = performance.now()
    page = await visitor.press(page, ID.signIn, { [ID.username]: accounts[which], [ID.password]: 'a wrong password, always the same' })
    // The first ones warm up.
    if (turn >= 0) took[which].push(performance.now() - started)
    if (page.status !== 400) throw new Error(`status ${page.status}`)
  }
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length
const variance = (list) => list.reduce((sum, value) => sum + (value - mean(list)) ** 2, 0) / (list.length - 1)
const [a, b] = [took.known, took.unknown]
const t = (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length)
for (const [which, list] of Object.entries(took)) console.log(`${which.padEnd(8)} mean ${mean(list).toFixed(3)} ms, deviation ${Math.sqrt(variance(list)).toFixed(3)} ms, ${list.length} tries`)
console.log(`t = ${t.toFixed(2)}: ${Math.abs(t) < 2 ? 'cannot be told apart' : 'LOOK AT IT AGAIN, and if it stays, somebody can tell them apart'}`)
