import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly message: string }[]
}

it('a file fails that leaves a server, a timer or a rejection behind, and no other', () => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'scripts/test/fixtures/vitest.config.ts']
  const { stdout } = spawnSync(process.execPath, [...vitest, '--reporter=json'], { cwd: ROOT, encoding: 'utf8' })
  const { testResults } = JSON.parse(stdout) as Report
  const outcomes = Object.fromEntries(
    testResults.map(({ name, status, message }) => [
      /([a-z-]+)\.fixture/.exec(name)?.[1] ?? name,
      `${status} ${message}`,
    ]),
  )
  expect(outcomes).toEqual({
    'leaves-nothing': 'passed ',
    'leaves-a-server': expect.stringMatching(/^failed .*left open: TCPServerWrap/) as string,
    'leaves-a-server-outside': expect.stringMatching(/^failed .*left open: TCPServerWrap/) as string,
    'leaves-a-loop': expect.stringMatching(/^failed .*left open: Immediate/) as string,
    'leaves-a-timer': expect.stringMatching(/^failed .*left open: Timeout/) as string,
    'leaves-a-rejection': expect.stringMatching(/^failed nobody handled: Error: forgotten/) as string,
  })
})
