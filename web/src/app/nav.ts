// The entries of the navigation, in the order of work. An entry is drawn only when its route exists
// and the person's role may open it; there are no links to nowhere.
import type { RouteLocationRaw } from 'vue-router'
import type { Me } from '@/shared/api'
import type { Role } from './session'
import { BUSINESS, OFFICERS } from './session'

export interface NavEntry {
  /** Route name; also the wording key `app.nav.<name>`. */
  name: string
  /** Roles that see it. */
  roles: Role[]
  /** Starts the second group, under a line. */
  apart?: boolean
  /** Stands in the bottom bar of a phone. */
  phone?: boolean
  /** Where it leads when the route alone does not say. */
  to?: (me: Me) => RouteLocationRaw
}

const EVERYONE: Role[] = [...BUSINESS, 'system_admin', 'security_admin', 'audit_admin']

export const NAV: NavEntry[] = [
  { name: 'work', roles: EVERYONE, phone: true },
  { name: 'firm-policies', roles: ['firm'], phone: true, to: (me) => ({ name: 'firm-policies', params: { firm: me.firm ?? 0 } }) },
  { name: 'firms', roles: BUSINESS, phone: true },
  { name: 'evaluations', roles: BUSINESS, phone: true },
  { name: 'rules', roles: [...OFFICERS, 'department_owner', 'auditor'] },
  { name: 'rounds', roles: [...OFFICERS, 'firm', 'auditor'] },
  { name: 'chains', roles: [...OFFICERS, 'department_owner', 'auditor'] },
  { name: 'clusters', roles: [...OFFICERS, 'department_owner', 'auditor'] },
  { name: 'needs', roles: [...OFFICERS, 'firm'] },
  { name: 'publications', roles: EVERYONE },
  { name: 'schemes', roles: [...OFFICERS, 'department_owner', 'firm', 'auditor'] },
  { name: 'accounts', roles: ['system_admin', 'security_admin'], phone: true },
  { name: 'audit', roles: ['audit_admin', 'auditor'], phone: true },
  { name: 'articles', roles: EVERYONE, apart: true, phone: true },
]
