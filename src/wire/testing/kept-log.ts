import type { Log } from '#mail/surroundings.ts'

/** One line of a log. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  /** Those of the child log as well. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that keeps what it is told, whatever the level. */
export class KeptLog implements Log {
  readonly debug = this.#keep('debug')
  readonly info = this.#keep('info')
  readonly warn = this.#keep('warn')
  readonly error = this.#keep('error')
  readonly entries: LogEntry[]
  readonly #bindings: object

  constructor(entries: LogEntry[] = [], bindings: object = {}) {
    this.entries = entries
    this.#bindings = bindings
  }

  child(bindings: object): Log {
    return new KeptLog(this.entries, { ...this.#bindings, ...bindings })
  }

  /** As text, errors with their stack. */
  get lines(): string[] {
    return this.entries.map(({ message, fields }) => {
      const text = JSON.stringify(fields, (_, value: unknown) =>
        value instanceof Error ? value.stack : value,
      )
      return `${message} ${text}`
    })
  }

  /** What was told in these words. */
  told(message: string): LogEntry[] {
    return this.entries.filter((entry) => entry.message === message)
  }

  #keep(level: LogEntry['level']) {
    return (fields: object, message: string): void => {
      this.entries.push({ level, message, fields: { ...this.#bindings, ...fields } })
    }
  }
}
