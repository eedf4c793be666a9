// Runs the checks where a file can be run; the last line of its output is the results as JSON.
import { smoke } from './smoke.mjs'

// The timers of Stampede keep no process alive, and one check waits for nothing else.
const alive = setInterval(() => {}, 1_000)
const results = await smoke()
clearInterval(alive)
console.log(JSON.stringify(results))
