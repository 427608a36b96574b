import type { Contract } from './contract.ts'

/** One sentence about Gmail that can be tried. */
export interface Check {
  readonly says: string
  /** Where the fact sheet says it, e.g. `F§2.2`. */
  readonly cites: string
  /**
   * Whether the fact sheet knows it, or Postern's simulator decided it (src/simulator/choices.ts). Of the second kind a
   * backend that differs has taught us something: that is told, and is no failure.
   */
  readonly known: 'fact' | 'choice'
  /** It ends the grant: it runs when everything is cleaned up. */
  readonly last: boolean
  /** @throws {Skipped} when the token, the backend or the person does not permit it; any other error is a failure. */
  readonly run: (contract: Contract) => Promise<void>
}

type Run = Check['run']

export function fact(cites: string, says: string, run: Run): Check {
  return { says, cites, known: 'fact', last: false, run }
}

export function choice(cites: string, says: string, run: Run): Check {
  return { says, cites, known: 'choice', last: false, run }
}

export function farewell(cites: string, says: string, run: Run): Check {
  return { says, cites, known: 'fact', last: true, run }
}

/** A check that cannot be made here; the message says why. */
export class Skipped extends Error {
  override readonly name = 'Skipped'
}
