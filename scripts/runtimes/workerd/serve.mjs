import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const OUTPUT = join(REPOSITORY, '.runtimes/worker')

/** Bundles the worker and the one before it: workerd has no resolution of packages of its own. */
export async function bundle() {
  await build({
    config: false,
    entry: ['worker.mjs', 'front.mjs'].map(name => fileURLToPath(new URL(name, import.meta.url))),
    outDir: OUTPUT,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    silent: true,
    noExternal: [/.*/],
    esbuildOptions(options) {
      // The worker uses what the adapter depends on.
      options.nodePaths = [join(REPOSITORY, 'packages/hono/node_modules')]
      options.conditions = ['default']
    },
  })
}

/** Starts workerd on a free port, at a compatibility date, with an origin. */
export async function serve(binary, date, originPort) {
  const config = join(OUTPUT, `${date}.capnp`)
  writeFileSync(config, configuration(date, originPort))
  const child = spawn(binary, ['serve', '--control-fd=3', config], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
  const exited = new Promise(resolve => child.on('close', resolve))
  const port = await Promise.race([portOf(child.stdio[3]), exited.then(() => undefined)])
  if (port === undefined) throw new Error(`workerd did not start:\n${output}`)
  const stop = () => {
    // It would wait for requests that hang on purpose.
    child.kill('SIGKILL')
    return exited
  }
  return { port, stop, output: () => output }
}

/** On its control channel workerd says a line of JSON for each socket. */
function portOf(control) {
  return new Promise(resolve => {
    let text = ''
    control.setEncoding('utf8').on('data', chunk => {
      text += chunk
      if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))).port)
    })
  })
}

function configuration(date, originPort) {
  const worker = (name, file, bindings) => `(name = "${name}", worker = (
    modules = [(name = "${file}", esModule = embed "${file}")],
    compatibilityDate = "${date}",
    bindings = [${bindings.map(([binding, service]) => `(name = "${binding}", service = "${service}")`).join(', ')}]
  ))`
  const origin = ['ORIGIN', 'origin']
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${worker('main', 'worker.mjs', [origin])},
    ${worker('front', 'front.mjs', [origin, ['MAIN', 'main']])},
    (name = "origin", external = (address = "127.0.0.1:${originPort}", http = ()))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "front")]
);
`
}
