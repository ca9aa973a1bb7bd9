// Names of departments and roles in the interface's language.
import { i18n } from '@/app/i18n'

/** A department by its id; an unknown one is shown as it came. */
export function departmentName(id: string | null): string {
  if (!id) return ''
  const key = `ui.department.${id}`
  return i18n.global.te(key) ? i18n.global.t(key) : id
}

/** A role by its id. */
export function roleName(id: string): string {
  const key = `ui.role.${id}`
  return i18n.global.te(key) ? i18n.global.t(key) : id
}
