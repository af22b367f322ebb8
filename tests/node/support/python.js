// The Python that has what the examples and schemathesis need: scripts/test makes it.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const TARGET = process.env.GRANTOR_TEST_BINARY ? dirname(dirname(process.env.GRANTOR_TEST_BINARY)) : fileURLToPath(new URL('../../../target', import.meta.url))
const FOLDER = join(TARGET, 'python', 'bin')

/** The interpreter of the suite's own environment, else the machine's. */
export const PYTHON = existsSync(join(FOLDER, 'python3')) ? join(FOLDER, 'python3') : 'python3'
/** The command of a package in it. */
export const command = (name) => (existsSync(join(FOLDER, name)) ? join(FOLDER, name) : name)
