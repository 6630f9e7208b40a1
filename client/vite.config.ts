import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the api of `npm run dev` listens. */
const api = process.env.KOSUKE_API_URL ?? 'http://127.0.0.1:4000';

export default defineConfig({
  root: here('.'),
  plugins: [react(), tailwindcss()],
  // GraphiQL's workers cannot be bundled ahead; while developing, the api serves the playground as it was built.
  optimizeDeps: { entries: ['index.html'] },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/graphql': { target: api, ws: true },
      '/graphiql': api,
      '/assets': api,
      '/sign-in': api,
      '/healthz': api,
    },
  },
  build: {
    outDir: here('../dist/client'),
    emptyOutDir: true,
    // Only the playground's editor is larger, and nothing else loads it.
    chunkSizeWarningLimit: 8000,
    rolldownOptions: {
      input: { app: here('index.html'), graphiql: here('graphiql.html') },
    },
  },
});
