import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly message: string }[]
}

const expected = {
  'leaves-nothing': 'passed ',
  'closes-late': 'passed ',
  'leaves-a-server': expect.stringMatching(/^failed .*left open: TCPServerWrap$/) as string,
  'leaves-a-server-outside': expect.stringMatching(/^failed .*left open: TCPServerWrap$/) as string,
  'leaves-a-loop': expect.stringMatching(/^failed .*left open: Immediate/) as string,
  'leaves-a-timer': expect.stringMatching(/^failed .*left open: Timeout/) as string,
  'leaves-a-rejection': expect.stringMatching(/^failed nobody handled: Error: forgotten/) as string,
}

it.each([
  ['a worker of its own', []],
  ['a worker that it shares', ['--no-isolate', '--pool=threads', '--no-file-parallelism']],
])('a file in %s fails for what it leaves behind itself', (_where, options) => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'scripts/test/fixtures/vitest.config.ts']
  const run = [...vitest, '--reporter=json', ...options]
  const { stdout } = spawnSync(process.execPath, run, { cwd: ROOT, encoding: 'utf8' })
  const { testResults } = JSON.parse(stdout) as Report
  const outcomes = testResults.map(({ name, status, message }) => [
    /([a-z-]+)\.fixture/.exec(name)?.[1] ?? name,
    `${status} ${message}`,
  ])
  expect(Object.fromEntries(outcomes)).toEqual(expected)
})
