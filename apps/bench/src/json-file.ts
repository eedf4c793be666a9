import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes sure that the file can be written before minutes are spent on what goes into it; keeps what it holds. */
export async function readyFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await appendFile(file, '')
}

export async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`)
}
