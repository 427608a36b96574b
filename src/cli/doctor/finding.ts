/** What was found, and what to do when it is not well. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly text: string
}

/** Gives what is well in one line, or throws an Error whose message says what is not and what to do. */
type Check = () => Promise<string>

/** Makes one check and reports it; true when all is well. */
export type Look = (check: string, run: Check) => Promise<boolean>
