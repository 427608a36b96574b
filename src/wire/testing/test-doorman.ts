import type { Admission, Doorman, Refusal } from '#mail/doorman.ts'

const wrong: Refusal = { refused: 'credentials', text: 'The user name or the password is wrong' }

/** Lets in one user, with one password or the token `ya29.right`. */
export class TestDoorman implements Doorman {
  /** What it was asked: `password USER`, `bearer USER`. */
  readonly asked: string[] = []
  readonly #who: { readonly user: string; readonly password: string }
  readonly #verdict: Admission | Refusal

  constructor(who: { readonly user: string; readonly password: string }, verdict: Admission | Refusal) {
    this.#who = who
    this.#verdict = verdict
  }

  async password(user: string, password: string): Promise<Admission | Refusal> {
    this.asked.push(`password ${user}`)
    return user === this.#who.user && password === this.#who.password ? this.#verdict : wrong
  }

  async bearer(user: string, token: string): Promise<Admission | Refusal> {
    this.asked.push(`bearer ${user}`)
    return user === this.#who.user && token === 'ya29.right' ? this.#verdict : wrong
  }
}
