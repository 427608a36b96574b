/** The simulator's control endpoint. */
export class Control {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Throws Error with the simulator's words when it refuses. */
  async do<Answer = Record<string, unknown>>(verb: string, args: object = {}): Promise<Answer> {
    const answer = await fetch(`${this.#url}/${verb}`, { method: 'POST', body: JSON.stringify(args) })
    const json = (await answer.json()) as { ok: boolean; error?: string }
    if (!json.ok) throw new Error(`The simulator does not ${verb}: ${json.error}`)
    return json as Answer
  }

  /** A message with this subject; its id. */
  async deliver(subject: string, more: object = {}): Promise<string> {
    const text = `From: ada@example.org\nTo: demo@gmail.test\nSubject: ${subject}\n\nText of ${subject}.\n`
    const { id } = await this.do<{ id: string }>('deliver', { text, ...more })
    return id
  }

  /** Calls and units by method since the last time. */
  async spent(): Promise<{
    units: number
    /** Without those of polls, which come when they come. */
    unitsBesidesPolls: number
    calls(method: string): number
    text: string
  }> {
    const answer = await this.do<{
      units: number
      methods: Record<string, { calls: number; units: number } | undefined>
    }>('ledger', { reset: true })
    return {
      units: answer.units,
      unitsBesidesPolls: answer.units - (answer.methods['history.list']?.units ?? 0),
      calls: (method) => answer.methods[method]?.calls ?? 0,
      text: JSON.stringify(answer.methods),
    }
  }
}
