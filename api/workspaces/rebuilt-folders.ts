/**
 * Folders that set-up or a build makes again, and that can be larger than everything else together. They count only where
 * git does not hold them: what is committed in a folder of such a name is a file like any other.
 */
export const REBUILT_FOLDERS = [
  ...['node_modules', 'bower_components', '.pnpm-store', 'vendor', 'Pods', '.venv', 'venv', '.bundle'],
  ...['target', 'dist', 'build', 'out', 'obj', 'DerivedData', '.gradle', '.dart_tool'],
  ...['.next', '.nuxt', '.output', '.svelte-kit', '.angular', '.astro', '.vite', '.parcel-cache', '.turbo', '.cache'],
  ...['__pycache__', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nox', 'coverage', '.nyc_output'],
];
