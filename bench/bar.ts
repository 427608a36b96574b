/** What a figure must reach: a ratio ours/theirs, or a value. */
export interface Bar {
  readonly of: 'ratio' | 'value'
  readonly is: 'at least' | 'at most'
  readonly value: number
}

/** At least so many times what Dovecot does. */
export function timesAtLeast(value: number): Bar {
  return { of: 'ratio', is: 'at least', value }
}

/** At most so many times what Dovecot takes. */
export function timesAtMost(value: number): Bar {
  return { of: 'ratio', is: 'at most', value }
}

export function atMost(value: number): Bar {
  return { of: 'value', is: 'at most', value }
}

export function barText(bar: Bar | undefined): string {
  if (bar === undefined) return ''
  return `${bar.is === 'at least' ? '≥' : '≤'} ${bar.value}${bar.of === 'ratio' ? ' ×' : ''}`
}

/** Undefined when there is nothing to compare with. */
export function reaches(bar: Bar, value: number, ratio: number | undefined): boolean | undefined {
  const measured = bar.of === 'value' ? value : ratio
  if (measured === undefined || Number.isNaN(measured)) return undefined
  return bar.is === 'at least' ? measured >= bar.value : measured <= bar.value
}
