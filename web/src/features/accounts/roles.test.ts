// Mutual exclusion as the accounts page explains it.
import { describe, expect, it } from 'vitest'
import { ADMINISTRATORS, excluded, groupOf, needs } from './roles'

describe('roles', () => {
  it('lets an administrator hold nothing else', () => {
    expect(excluded('system_admin')).toContain('security_admin')
    expect(excluded('system_admin')).toContain('county_officer')
    expect(excluded('system_admin')).not.toContain('system_admin')
  })
  it('keeps officers from administration', () => expect(excluded('county_officer')).toEqual([...ADMINISTRATORS]))
  it('asks a department owner for a department and a firm for its firm', () => {
    expect(needs('department_owner')).toEqual({ department: true, firm: false })
    expect(needs('firm')).toEqual({ department: false, firm: true })
  })
  it('sorts them into groups', () => {
    expect(groupOf('auditor')).toBe('oversight')
    expect(groupOf('audit_admin')).toBe('administration')
  })
})
