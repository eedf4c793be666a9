import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is wrong with a file that is to be written, as a sentence; nothing where none was asked for. */
export async function fileProblem(file: string | undefined): Promise<string | undefined> {
  try {
    if (file !== undefined) await readyFile(file)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `--json got "${file}", which cannot be written (${why}); give it another file.`
  }
}

/** Makes sure that the file can be written before minutes are spent on what goes into it; keeps what it holds. */
async function readyFile(file: string): Promise<void> {
  // Not recursive: there Node 20 never returns where a file system has no room for folders, such as /proc. What went
  // wrong here, if it was not that the folder is there already, goes wrong again when the file is opened.
  await mkdir(dirname(file)).catch(() => undefined)
  await appendFile(file, '')
}

export async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`)
}
