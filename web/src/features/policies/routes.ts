// Titles and policies: what a firm meets, the rules, and one rule with its population and what-if.
import type { RouteRecordRaw } from 'vue-router'
import { BUSINESS, OFFICERS } from '@/app/session'

export default [
  {
    path: '/firms/:firm(\\d+)/policies',
    name: 'firm-policies',
    component: () => import('./PoliciesView.vue'),
    meta: { title: 'policies.title', nav: 'firms', roles: [...OFFICERS, 'auditor', 'firm'] },
  },
  {
    path: '/rules',
    name: 'rules',
    component: () => import('./RulesView.vue'),
    meta: { title: 'policies.rules.title', nav: 'rules', roles: BUSINESS, search: true },
  },
  {
    path: '/rules/one',
    name: 'rule',
    component: () => import('./RulePage.vue'),
    meta: { title: 'policies.rules.title', nav: 'rules', roles: BUSINESS },
  },
] satisfies RouteRecordRaw[]
