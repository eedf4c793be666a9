// Prints the runner's own counts in the plain form that CI systems read. No test at all is a failure, and so is one that was skipped.
import { readFileSync } from 'node:fs'

/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} Counts */

/** @type {Counts} */
const counts = JSON.parse(readFileSync(new URL('../reports/vitest.json', import.meta.url), 'utf8'))
const { numPassedTests: passed, numFailedTests: failed } = counts
const skipped = counts.numPendingTests + counts.numTodoTests
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
if (passed === 0 || failed > 0 || skipped > 0) process.exitCode = 1
