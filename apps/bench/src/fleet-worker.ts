import { work } from './fleet/worker.ts'

await work(process.argv[2] ?? '')
