// Prints the runner's own counts in the plain form that CI systems read. No test at all is a failure.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(new URL('../reports/vitest.json', import.meta.url), 'utf8'))
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped`)
if (numPassedTests === 0 || numFailedTests > 0) process.exitCode = 1
