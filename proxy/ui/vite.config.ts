import { defineConfig } from 'vitest/config';

// The gateway serves the page at / and /ml/…, and all else of it below /ui/.
export default defineConfig({
  base: '/ui/',
  esbuild: { jsx: 'automatic' },
  build: {
    outDir: process.env.SLUICE_UI_OUT ?? '../../build/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the page's policy allows no data: scripts or fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
    rollupOptions: {
      onwarn: (warning, warn) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning); // "use client" means nothing here
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/serving-endpoints', '/ai-gateway', '/metrics', '/openapi.json'].map((path) => [
        path,
        process.env.SLUICE_URL ?? 'http://127.0.0.1:8080',
      ]),
    ),
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
});
