import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes sure that the file can be written before minutes are spent on what goes into it; keeps what it holds. */
export async function readyFile(file: string): Promise<void> {
  // Not recursive: there Node 20 never returns where a file system has no room for folders, such as /proc. What went
  // wrong here, if it was not that the folder is there already, goes wrong again when the file is opened.
  await mkdir(dirname(file)).catch(() => undefined)
  await appendFile(file, '')
}

export async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`)
}
