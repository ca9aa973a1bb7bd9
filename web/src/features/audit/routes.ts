// Address of the audit log, for the audit administrator and auditors.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/audit',
    name: 'audit',
    component: () => import('./AuditView.vue'),
    meta: { title: 'audit.title', nav: 'audit', roles: ['audit_admin', 'auditor'], search: true },
  },
]
export default routes
