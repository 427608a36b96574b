import { quantile } from '../sample.ts'

/** How long each command took, and how it ended. */
export class Timings {
  readonly #lines = new Map<string, { times: number[]; refused: number }>()
  /** Sessions that ended before their client wanted it. */
  cut = 0

  /** `isDone` says whether the answer is a yes; one that is cut counts nowhere. */
  async measure(name: string, work: () => Promise<string>, isDone: RegExp = /^\S+ OK/m): Promise<string> {
    const began = performance.now()
    const answer = await work()
    const line = this.#lines.get(name) ?? { times: [], refused: 0 }
    this.#lines.set(name, line)
    if (isDone.test(answer)) line.times.push(performance.now() - began)
    else line.refused++
    return answer
  }

  print(): void {
    console.log(
      `${'command'.padEnd(16)}${'done'.padStart(8)}${'refused'.padStart(9)}${'p50 ms'.padStart(9)}${'p99 ms'.padStart(9)}`,
    )
    for (const [name, { times, refused }] of [...this.#lines].toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    )) {
      const [p50, p99] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(1).padStart(9))
      console.log(
        `${name.padEnd(16)}${String(times.length).padStart(8)}${String(refused).padStart(9)}${p50}${p99}`,
      )
    }
  }
}
