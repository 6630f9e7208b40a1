// Runs before the first paint, so that a stored choice never flashes the other theme. The rest is in app/theme.ts.
try {
  const theme = localStorage.getItem('kosuke.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off; the system decides.
}
