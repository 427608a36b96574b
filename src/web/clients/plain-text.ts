import type { Guide } from './guide.ts'
import type { Place } from './place.ts'

/** A guide for a terminal. */
export function guideText(guide: Guide, place: Place): string {
  const caution = guide.caution?.(place)
  return [
    `${guide.title} (${guide.runsOn})`,
    ...(caution === undefined ? [] : ['', `Mind: ${caution}`]),
    '',
    ...place.servers.map(
      ({ protocol, host, port, security }) => `  ${protocol.padEnd(4)}  ${host}  port ${port}  ${security}`,
    ),
    `  user  ${place.address}`,
    '',
    ...guide.steps(place).map((step, index) => `${index + 1}. ${step}`),
    ...(guide.files ?? []).flatMap(({ path, label }) => [
      '',
      `${label}:`,
      `  ${place.url}clients/${guide.name}/${path}?${new URLSearchParams({ account: place.address }).toString()}`,
    ]),
    ...(guide.snippets?.(place) ?? []).flatMap(({ file, text }) => ['', `--- ${file}`, text.trimEnd()]),
    '',
    'When something goes wrong:',
    ...guide.troubles.flatMap(([symptom, remedy]) => [`- ${symptom}`, `  ${remedy}`]),
    '',
  ].join('\n')
}
