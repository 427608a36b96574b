import type { Log } from '#mail/surroundings.ts'

/** Keeps every line, so that a test can look for what must not be there. */
export class KeptLog implements Log {
  readonly lines: string[] = []

  debug = (fields: object, message: string): void => this.#keep(fields, message)
  info = (fields: object, message: string): void => this.#keep(fields, message)
  warn = (fields: object, message: string): void => this.#keep(fields, message)
  error = (fields: object, message: string): void => this.#keep(fields, message)

  child(): Log {
    return this
  }

  #keep(fields: object, message: string): void {
    this.lines.push(`${message} ${JSON.stringify(fields, plain)}`)
  }
}

/** JSON leaves out what errors hold; a search for secrets must see it. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Error
    ? Object.assign({}, value, { message: value.message, stack: value.stack, cause: value.cause })
    : value
}
