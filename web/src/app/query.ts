// Server state: how long answers stay fresh and when a question is asked again.
import { QueryClient } from '@tanstack/vue-query'
import { ApiError } from '@/shared/api'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      // A refusal stays a refusal; only a lost connection is worth another try.
      retry: (times, error) => times < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
    },
    mutations: { retry: false },
  },
})
