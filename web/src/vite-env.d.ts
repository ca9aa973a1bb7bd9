// Lets TypeScript know what a .vue file is when the checker is not vue-tsc (tests, editors).
/// <reference types="vite/client" />
