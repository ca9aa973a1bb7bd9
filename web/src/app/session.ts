// Who is signed in. The only store: everything else from the server is a query.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { api, ApiError, setCsrf, type Me } from '@/shared/api'
import { queries } from './query'

/** Roles, as the server names them. */
export type Role =
  | 'county_officer'
  | 'city_officer'
  | 'province_officer'
  | 'department_owner'
  | 'firm'
  | 'auditor'
  | 'system_admin'
  | 'security_admin'
  | 'audit_admin'

/** Roles that see business figures. */
export const BUSINESS: Role[] = [
  'county_officer',
  'city_officer',
  'province_officer',
  'department_owner',
  'firm',
  'auditor',
]

/** Officers of the industry department. */
export const OFFICERS: Role[] = ['county_officer', 'city_officer', 'province_officer']

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  /** The server has been asked once. */
  const known = ref(false)
  let asking: Promise<void> | null = null

  /** What the server says about who is signed in, now. */
  function take(value: Me | null): void {
    me.value = value
    known.value = true
    setCsrf(value?.csrf ?? '')
  }

  /** Asks who is signed in, once. */
  function load(): Promise<void> {
    asking ??= api.session.me().then(take, (error: unknown) => {
      asking = null
      if (error instanceof ApiError && error.status === 401) take(null)
      else throw error
    })
    return asking
  }

  async function signIn(name: string, password: string): Promise<void> {
    const value = await api.session.signIn(name, password)
    queries.clear()
    take(value)
  }

  async function signOut(): Promise<void> {
    await api.session.signOut()
    forget()
  }

  /** The session has ended; nothing of it stays on the screen. */
  function forget(): void {
    queries.clear()
    take(null)
  }

  function is(...roles: Role[]): boolean {
    return me.value !== null && roles.includes(me.value.role as Role)
  }

  return { me, known, load, take, signIn, signOut, forget, is }
})
