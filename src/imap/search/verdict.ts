import type { Evidence } from './evidence.ts'

/** Whether a message matches: what is not read yet may leave it open. */
export const Verdict = { no: 0, yes: 1, open: 2 } as const
export type Verdict = (typeof Verdict)[keyof typeof Verdict]

/** Decides about the message at an index of the view. Never `open` when everything the key reaches is in the evidence. */
export type Test = (index: number, evidence: Evidence) => Verdict

export function verdict(matches: boolean | undefined): Verdict {
  if (matches === undefined) return Verdict.open
  return matches ? Verdict.yes : Verdict.no
}

export function opposite(given: Verdict): Verdict {
  if (given === Verdict.open) return Verdict.open
  return given === Verdict.yes ? Verdict.no : Verdict.yes
}

/** No as soon as one says no. */
export function allOf(tests: readonly Test[]): Test {
  return (index, evidence) => {
    let result: Verdict = Verdict.yes
    for (const test of tests) {
      const one = test(index, evidence)
      if (one === Verdict.no) return Verdict.no
      if (one === Verdict.open) result = Verdict.open
    }
    return result
  }
}

/** Yes as soon as one says yes. */
export function anyOf(tests: readonly Test[]): Test {
  return (index, evidence) => {
    let result: Verdict = Verdict.no
    for (const test of tests) {
      const one = test(index, evidence)
      if (one === Verdict.yes) return Verdict.yes
      if (one === Verdict.open) result = Verdict.open
    }
    return result
  }
}
