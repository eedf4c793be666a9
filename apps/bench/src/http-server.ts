import { serve } from './http/serve.ts'

await serve(process.argv[2] ?? '')
