// For HEALTHCHECK: images need no curl for it.
const port = process.env.POSTERN_METRICS_PORT ?? '9464'
try {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(3000) })
  process.exit(answer.ok ? 0 : 1)
} catch {
  process.exit(1)
}
