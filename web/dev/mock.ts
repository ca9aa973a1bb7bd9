// Invented answers for looking at pages without a server (BAIGONG_MOCK=1 npm run dev). Never shipped.
import type { Plugin } from 'vite'

/** The stand-in for the server. */
export function mock(): Plugin {
  return { name: 'mock', apply: 'serve' }
}
