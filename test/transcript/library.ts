import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { knowsSentence, needsToBeAlone } from './google.ts'
import { readTranscript, type Transcript } from './transcript.ts'

/** All transcripts, or those of these names. Throws TranscriptError, and RangeError for a name that no transcript has. */
export function transcripts(names: readonly string[] = []): Transcript[] {
  const all = globSync('imap/*.txt', { cwd: import.meta.dirname })
    .map((path) => path.split(sep).join('/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(import.meta.dirname, path), 'utf8')
      return readTranscript(
        path.slice('imap/'.length, -'.txt'.length),
        `test/transcript/${path}`,
        text,
        knowsSentence,
      )
    })
  for (const name of names)
    if (!all.some((one) => one.name === name)) throw new RangeError(`There is no transcript ${name}`)
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
}

/** Whether other transcripts must rest while this one is played. */
export function mustBeAlone({ steps }: Transcript): boolean {
  return steps.some((step) => step.kind === 'google' && needsToBeAlone(step.sentence))
}
