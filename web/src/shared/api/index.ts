// What features import: `import { api, ApiError, type Sheet } from '@/shared/api'`.
export * as api from './endpoints'
export { ApiError, setCsrf, onSignedOut, download, upload, type Downloaded, type OnProgress, type Query } from './client'
export type { ListQuery, NewAccount, ResultQuery } from './endpoints'
export type * from './types'
