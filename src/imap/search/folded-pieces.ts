import { foldForSearch } from '#mail/mime/search-fold.ts'

/** A text in folded pieces, each made when nothing was found in those before it. */
export class FoldedPieces {
  readonly #rest: Iterator<string, void, void>
  readonly #made: string[] = []
  #whole: string | undefined

  constructor(pieces: Iterator<string, void, void>) {
    this.#rest = pieces
  }

  /** Whether the folded text is somewhere in them; between two pieces is a line feed. */
  has(folded: string): boolean {
    if (folded.includes('\n')) return this.#all().includes(folded)
    for (const piece of this.#made) if (piece.includes(folded)) return true
    for (let piece = this.#next(); piece !== undefined; piece = this.#next())
      if (piece.includes(folded)) return true
    return false
  }

  #next(): string | undefined {
    const next = this.#rest.next()
    if (next.done === true) return undefined
    const piece = foldForSearch(next.value)
    this.#made.push(piece)
    return piece
  }

  #all(): string {
    while (this.#next() !== undefined);
    return (this.#whole ??= this.#made.join('\n'))
  }
}
