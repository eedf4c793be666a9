import { runMember } from './fleet/run-member.ts'

await runMember(process.argv[2] ?? '')
