import { parseSendmailArguments, readLetter, sendmailFailure } from '#smtp/sendmail.ts'
import { withOffice } from './with-office.ts'

/** `postern sendmail`: what cron and scripts call. Exit codes are those of sysexits.h. */
export async function sendmail(argv: readonly string[]): Promise<void> {
  const { exitCode, text } = await attempt(argv)
  if (exitCode !== 0) process.stderr.write(`sendmail: ${text}\n`)
  process.exitCode = exitCode
}

async function attempt(
  argv: readonly string[],
): Promise<{ readonly exitCode: number; readonly text: string }> {
  try {
    const letter = await readLetter(process.stdin, parseSendmailArguments(argv))
    return await withOffice((office) => office.sendmail(argv, letter.toString('base64')))
  } catch (error) {
    return sendmailFailure(error)
  }
}
