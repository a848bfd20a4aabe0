// Builds the page (src/web) into dist/web, from where the server serves it, and beside it the page that carries a profile as one file.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, defaultClientConditions, defineConfig, type Plugin, type Rollup, type UserConfig } from 'vite';

const root = import.meta.dirname;

const sources: UserConfig = {
  root: join(root, 'src/web'),
  resolve: { conditions: ['encodelab-source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};
const target = 'es2023';
/** A busy machine is nothing that a build has to tell of. */
const checks = { bundlerTimings: false };

export default defineConfig({
  ...sources,
  plugins: [profileFile()],
  build: {
    outDir: join(root, 'dist/web'),
    emptyOutDir: true,
    // Inlined files would need data: in the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target,
    rolldownOptions: { checks },
  },
});

/** Of one script and one style sheet, both inline: works from a disk, without a server. `encodelab profile export` puts the profile in. */
function profileFile(): Plugin {
  return {
    name: 'profile-file',
    apply: 'build',
    async writeBundle({ dir }) {
      const folder = join(root, 'src/web/profile');
      const built = (await build({
        ...sources,
        configFile: false,
        logLevel: 'warn',
        build: {
          write: false,
          target,
          cssCodeSplit: false,
          modulePreload: false,
          rolldownOptions: {
            checks,
            input: join(folder, 'standalone-main.tsx'),
            output: { format: 'iife', codeSplitting: false },
          },
        },
      })) as Rollup.RollupOutput;
      const script = built.output.find((file) => file.type === 'chunk')!;
      const style = built.output.find((file) => file.type === 'asset' && file.fileName.endsWith('.css'))!;
      const page = await readFile(join(folder, 'standalone-page.html'), 'utf8');
      const code = (script as Rollup.OutputChunk).code
        .replaceAll('</script', '<\\/script')
        .replaceAll('<!--', '<\\!--');
      const sheet = String((style as Rollup.OutputAsset).source);
      const whole = page.replace('/*style*/', () => sheet).replace('/*script*/', () => code);
      await writeFile(join(dir!, 'profile-file.html'), whole);
    },
  };
}
