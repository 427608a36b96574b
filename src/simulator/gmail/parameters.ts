import { invalidArgument } from '../errors.ts'

/** A method's query, read as Google reads it. Every reader throws GmailError 400 for what it cannot read. */
export class Parameters {
  readonly #query: URLSearchParams

  constructor(query: URLSearchParams) {
    this.#query = query
  }

  /** Undefined when absent or empty. */
  text(name: string): string | undefined {
    const value = this.#query.get(name)
    return value === null || value === '' ? undefined : value
  }

  list(name: string): string[] {
    return this.#query.getAll(name).filter((value) => value !== '')
  }

  flag(name: string): boolean {
    const value = this.text(name)?.toLowerCase()
    if (value === undefined || value === 'false' || value === '0') return false
    if (value === 'true' || value === '1') return true
    throw invalidValue(name, 'TYPE_BOOL', value)
  }

  /** A positive number; more than the most is the most. */
  count(name: string, fallback: number, most: number): number {
    const value = this.text(name)
    if (value === undefined) return fallback
    if (!/^\d{1,10}$/.test(value)) throw invalidValue(name, 'TYPE_UINT32', value)
    const count = Number(value)
    return count === 0 ? fallback : Math.min(count, most)
  }

  /** Without regard to case. */
  choice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const value = this.text(name)
    if (value === undefined) return fallback
    const choice = choices.find((one) => one.toLowerCase() === value.toLowerCase())
    if (choice === undefined) throw invalidValue(name, 'ENUM', value)
    return choice
  }
}

export function invalidValue(name: string, type: string, value: string) {
  return invalidArgument(`Invalid value at '${name}' (${type}), ${JSON.stringify(value.slice(0, 200))}`)
}
