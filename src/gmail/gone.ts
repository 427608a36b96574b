import { GmailError } from './gmail.ts'

/** A deletion whose object is not there has nothing to do; after a lost answer it finds its own work done. */
export async function unlessGone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if (!(error instanceof GmailError && error.kind === 'not-found')) throw error
  }
}
