/** What stands behind the name of a bench: `--messages=1000 --only=mixed,idle`. */
export class Options {
  readonly #given: ReadonlyMap<string, string>

  constructor(given: ReadonlyMap<string, string>) {
    this.#given = given
  }

  text(name: string): string | undefined {
    return this.#given.get(name)
  }

  /** Throws RangeError when it is given and no whole number. */
  number(name: string, otherwise: number): number {
    const text = this.#given.get(name)
    if (text === undefined) return otherwise
    if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name} must be a whole number`)
    return Number(text)
  }

  /** Words with commas between them; undefined when left out. */
  words(name: string): string[] | undefined {
    return this.#given
      .get(name)
      ?.split(',')
      .filter((word) => word !== '')
  }
}
