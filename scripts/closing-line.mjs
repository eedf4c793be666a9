// Prints the counts of both parts of the tests in the plain form that CI systems read. No test at all is a failure, and so
// is one that was skipped.
import { readFileSync } from 'node:fs'

const sum = { passed: 0, failed: 0, skipped: 0 }
for (const run of ['quick', 'rest']) {
  /** @type {{ passed: number, failed: number, skipped: number, pending: number }} */
  const counts = JSON.parse(readFileSync(new URL(`../reports/counts/${run}.json`, import.meta.url), 'utf8'))
  sum.passed += counts.passed
  sum.failed += counts.failed
  sum.skipped += counts.skipped + counts.pending
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
if (sum.passed === 0 || sum.failed > 0 || sum.skipped > 0) process.exitCode = 1
