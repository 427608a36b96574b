import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** Idle connections are dropped before a server's usual minute, so that few requests meet one that is being closed. */
const idleMs = 20_000

/** A function that gives the agent for a URL, as node-fetch wants it. */
export type AgentFor = (url: URL) => HttpAgent

/**
 * Keeps connections open between requests, unless `keepAlive` is false, and follows HTTPS_PROXY, HTTP_PROXY and NO_PROXY, except to this machine:
 * what listens on loopback is never behind a proxy.
 */
export function createAgents(apiUrl: URL, { keepAlive }: { keepAlive: boolean }): AgentFor {
  const options = {
    keepAlive,
    timeout: idleMs,
    ...(isLoopback(apiUrl.hostname) ? {} : { proxyEnv: process.env }),
  }
  const http = new HttpAgent(options)
  const https = new HttpsAgent(options)
  return (url) => (url.protocol === 'http:' ? http : https)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(hostname)
}
