// Builds the page (src/web) into dist/web, from where the server serves it.

import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web',
  resolve: { conditions: ['encodelab-source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    // Inlined files would need data: in the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
});
