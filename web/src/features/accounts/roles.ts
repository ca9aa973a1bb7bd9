// Which roles there are, who may give which, and which exclude each other. The server decides;
// the page only explains beforehand what the server would refuse.

/** Roles in the order of the form. */
export const ROLES = [
  'county_officer',
  'city_officer',
  'province_officer',
  'department_owner',
  'firm',
  'auditor',
  'system_admin',
  'security_admin',
  'audit_admin',
] as const

export type Role = (typeof ROLES)[number]

/** The three administrators: one person may hold only one of them and no business role. */
export const ADMINISTRATORS: readonly Role[] = ['system_admin', 'security_admin', 'audit_admin']

/** Departments that own facts. */
export const DEPARTMENTS = [
  'industry',
  'tax',
  'land',
  'power',
  'environment',
  'statistics',
  'science',
  'safety',
  'market',
] as const

/** True for one of the three administrators. */
export function isAdministrator(role: string): boolean {
  return (ADMINISTRATORS as readonly string[]).includes(role)
}

/** What the form must ask for, besides name and region. */
export function needs(role: string): { department: boolean; firm: boolean } {
  return { department: role === 'department_owner', firm: role === 'firm' }
}

/** Roles that an account of this role can never hold as well. */
export function excluded(role: string): Role[] {
  if (isAdministrator(role)) return ROLES.filter((r) => r !== role)
  return [...ADMINISTRATORS]
}

/** Kind of group a role belongs to, for headings: business, oversight or administration. */
export function groupOf(role: string): 'business' | 'oversight' | 'administration' {
  if (isAdministrator(role)) return 'administration'
  return role === 'auditor' ? 'oversight' : 'business'
}
