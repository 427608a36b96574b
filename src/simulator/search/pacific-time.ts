const hourMs = 3_600_000
const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hour: 'numeric',
  hourCycle: 'h23',
})

/** Midnight in California at the beginning of a day, epoch milliseconds: how Gmail reads YYYY/MM/DD. */
export function pacificMidnight(year: number, month: number, day: number): number {
  // Midnight is at 8:00 UTC in winter; in summer it is then 1:00 there.
  const winter = Date.UTC(year, month - 1, day, 8)
  return Number(clock.format(winter)) === 1 ? winter - hourMs : winter
}
