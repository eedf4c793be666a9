import { functionChecks } from './function-checks.mjs'
import { httpChecks } from './http-checks.mjs'
import { watchRejections } from './unhandled.mjs'

const checks = { ...functionChecks, ...httpChecks }

/**
 * Runs all checks, of the built core, one after the other; the last is that nobody's rejection was left unhandled.
 *
 * @returns {Promise<{ name: string, error?: string }[]>} what ran, with the error of those that failed
 */
export async function smoke() {
  const rejections = watchRejections()
  const results = []
  for (const [name, check] of Object.entries(checks)) results.push(await resultOf(name, check))
  results.push(
    await resultOf('no rejection is left unhandled', async () => {
      // Runtimes report them in a later task.
      await new Promise(resolve => setTimeout(resolve, 0))
      for (const reason of rejections.reasons()) throw reason
    }),
  )
  return results
}

async function resultOf(name, check) {
  try {
    await check()
    return { name }
  } catch (error) {
    return { name, error: error?.stack ?? String(error) }
  }
}
