interface TemplateFile {
  path: string;
  content: string;
}

/** The files a new project starts with. `name` is what a person typed, so it is escaped where it could be markup. */
export function templateFiles(template: string, name: string): TemplateFile[] {
  switch (template) {
    case 'STATIC_WEB_PAGE':
      return [
        { path: 'README.md', content: `# ${oneLine(name)}\n\nA web page. Open index.html in a browser.\n` },
        { path: 'index.html', content: page(escapeHtml(oneLine(name))) },
        { path: 'styles.css', content: STYLES },
      ];
    case 'EMPTY':
      return [{ path: 'README.md', content: `# ${oneLine(name)}\n` }];
    default:
      throw new Error(`There is no template ${template}.`);
  }
}

const page = (name: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${name}</title>
    <link rel="stylesheet" href="styles.css" />
  </head>
  <body>
    <a class="skip" href="#content">Skip to the content</a>
    <header>
      <p class="name">${name}</p>
      <nav aria-label="Main">
        <a href="#about">About</a>
        <a href="#next">Next steps</a>
      </nav>
    </header>
    <main id="content">
      <section class="hero">
        <h1>${name}</h1>
        <p>A fresh page, ready to become whatever you have in mind.</p>
      </section>
      <section id="about">
        <h2>About</h2>
        <p>Say in two or three sentences what this is and who it is for.</p>
      </section>
      <section id="next">
        <h2>Next steps</h2>
        <ul class="cards">
          <li><h3>Words</h3><p>Replace these texts with your own.</p></li>
          <li><h3>Colours</h3><p>They are named at the top of styles.css, for light and dark.</p></li>
          <li><h3>Pages</h3><p>Add more files and link them in the menu above.</p></li>
        </ul>
      </section>
    </main>
    <footer><p>Made with care.</p></footer>
  </body>
</html>
`;

const STYLES = `:root {
  color-scheme: light dark;
  --ground: #fbfaf7;
  --surface: #ffffff;
  --text: #1d1c19;
  --quiet: #5d5a52;
  --line: #e3dfd5;
  --accent: #1d5c86;
  --radius: 0.75rem;
  --measure: 60rem;
}

@media (prefers-color-scheme: dark) {
  :root {
    --ground: #151513;
    --surface: #1f1e1b;
    --text: #efede6;
    --quiet: #aba79c;
    --line: #36342f;
    --accent: #86c1e8;
  }
}

* {
  box-sizing: border-box;
}

body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 1.0625rem / 1.6 system-ui, sans-serif;
}

header,
main,
footer {
  max-width: var(--measure);
  margin: 0 auto;
  padding: 1.5rem;
}

header {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 1.5rem;
  align-items: baseline;
  justify-content: space-between;
}

.name {
  margin: 0;
  font-weight: 600;
}

nav {
  display: flex;
  gap: 1.25rem;
}

a {
  color: var(--accent);
  text-underline-offset: 0.2em;
}

a:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 3px;
  border-radius: 2px;
}

.skip {
  position: absolute;
  left: -100vw;
}

.skip:focus {
  left: 1rem;
  top: 1rem;
  padding: 0.5rem 1rem;
  background: var(--surface);
}

.hero {
  padding: 4rem 0 3rem;
}

h1 {
  margin: 0 0 0.5rem;
  font-size: clamp(2.25rem, 6vw, 3.75rem);
  line-height: 1.1;
  letter-spacing: -0.02em;
  overflow-wrap: anywhere;
}

.hero p {
  margin: 0;
  max-width: 36rem;
  color: var(--quiet);
  font-size: 1.25rem;
}

h2 {
  margin: 2.5rem 0 0.5rem;
  font-size: 1.5rem;
}

.cards {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr));
  gap: 1rem;
  margin: 1rem 0 0;
  padding: 0;
  list-style: none;
}

.cards li {
  padding: 1.25rem;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--surface);
}

.cards h3 {
  margin: 0;
  color: var(--accent);
}

.cards p {
  margin: 0.25rem 0 0;
  color: var(--quiet);
}

footer {
  margin-top: 3rem;
  border-top: 1px solid var(--line);
  color: var(--quiet);
}
`;

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
