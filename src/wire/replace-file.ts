import { rename, writeFile } from 'node:fs/promises'

/** Whole or not at all, also when the machine stops in the middle. Modes mean nothing on Windows, and do no harm. */
export async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const fresh = `${file}.new`
  await writeFile(fresh, text, { mode })
  await rename(fresh, file)
}
