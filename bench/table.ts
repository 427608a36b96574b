import { readFileSync, writeFileSync } from 'node:fs'
import { barText, reaches, type Bar } from './bar.ts'
import { figure } from './figure.ts'

/** One line of the table: what was measured, of us and where there is one of Dovecot. */
export interface Row {
  readonly what: string
  readonly unit: string
  readonly ours: number
  readonly theirs?: number | undefined
  /** Ours/theirs; of the two figures when left out. */
  readonly ratio?: number | undefined
  /** Of the best rounds of both: what is left when nobody else uses the machine. */
  readonly bestRatio?: number | undefined
  /** From facts/performance.md section D. */
  readonly bar?: Bar | undefined
  readonly aim?: Bar | undefined
  /** What must be said with the figure. */
  readonly note?: string | undefined
}

const widths = [64, 10, 10, 12, 8, 8, 10, 10] as const

/** Rows with their bars and verdicts, printed as they come; kept for `--json` and beside those of an earlier run. */
export class Table {
  readonly #rows: (Row & { workload: string })[] = []
  readonly #before: ReadonlyMap<string, number>
  #workload = ''

  /** `than`: a file that `save` wrote. Throws when it cannot be read. */
  constructor(than: string | undefined) {
    const saved = than === undefined ? [] : (JSON.parse(readFileSync(than, 'utf8')) as { rows: Row[] }).rows
    this.#before = new Map(saved.map(({ what, ours }) => [what, ours]))
    print(['', 'Postern', 'Dovecot', 'unit', 'ratio', 'best', 'bar', 'aim'], 'verdict')
  }

  begin(workload: string): void {
    this.#workload = workload
    console.log(`— ${workload}`)
  }

  readonly add = (row: Row): void => {
    this.#rows.push({ workload: this.#workload, ...row })
    const { what, unit, ours, theirs, bar, aim, note } = row
    const earlier = this.#before.get(what)
    const more = [
      verdict(row),
      note,
      earlier === undefined ? undefined : `before: ${figure(earlier)} (${(ours / earlier).toFixed(2)} ×)`,
    ]
    print(
      [
        what,
        figure(ours),
        theirs === undefined ? '' : figure(theirs),
        unit,
        ratio(row)?.toFixed(2) ?? '',
        row.bestRatio?.toFixed(2) ?? '',
        barText(bar),
        barText(aim),
      ],
      more.filter((one) => one !== undefined && one !== '').join('; '),
    )
  }

  /** What falls short, in one place. */
  end(): void {
    const judged = this.#rows.filter((row) => verdict(row) !== '')
    const short = judged.filter((row) => verdict(row).startsWith('short'))
    console.log(`\n${judged.length - short.length} of ${judged.length} bars are met`)
    for (const row of short)
      console.log(
        `  short of its bar: ${row.what} (${row.bar?.of === 'ratio' ? (ratio(row)?.toFixed(2) ?? '') : figure(row.ours)}, ${barText(row.bar)})`,
      )
  }

  save(path: string): void {
    const { version, platform, arch } = process
    const rows = this.#rows.map((row) => ({ ...row, ratio: ratio(row), verdict: verdict(row) }))
    writeFileSync(path, `${JSON.stringify({ node: version, platform, arch, rows }, undefined, 1)}\n`)
  }
}

function ratio({ ours, theirs, ratio: told }: Row): number | undefined {
  return told ?? (theirs === undefined || Number.isNaN(theirs) || theirs === 0 ? undefined : ours / theirs)
}

function verdict(row: Row): string {
  if (row.bar === undefined) return ''
  const met = reaches(row.bar, row.ours, ratio(row))
  if (met === undefined) return ''
  if (!met) return 'short of'
  return row.aim !== undefined && reaches(row.aim, row.ours, ratio(row)) === true ? 'meets, aim too' : 'meets'
}

function print(cells: readonly string[], last: string): void {
  const padded = cells.map((cell, at) =>
    at === 0 || at > 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
  )
  console.log(`${padded.join(' ')} ${last}`.trimEnd())
}
