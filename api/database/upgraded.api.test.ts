import pg from 'pg';
import { conversation, type SeenEvent, talk } from '../test/conversation.ts';
import { createEmptyDatabase } from '../test/test-database.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

/** The database of a single-chat Kosuke, as it stood before there were migrations. */
const OLD = `
  CREATE TABLE users (clerk_user_id TEXT PRIMARY KEY, email TEXT, name TEXT, image_url TEXT,
    created_at TIMESTAMP DEFAULT now(), updated_at TIMESTAMP DEFAULT now());
  CREATE TABLE projects (id SERIAL PRIMARY KEY, name TEXT NOT NULL, description TEXT,
    user_id TEXT NOT NULL REFERENCES users(clerk_user_id), github_repo_url TEXT,
    created_at TIMESTAMP DEFAULT now(), updated_at TIMESTAMP DEFAULT now());
  CREATE TABLE chat_messages (id SERIAL PRIMARY KEY, project_id INTEGER, user_id TEXT, role VARCHAR(20) NOT NULL,
    content TEXT NOT NULL, timestamp TIMESTAMP DEFAULT now(), commit_sha VARCHAR(40));
  INSERT INTO users (clerk_user_id, name) VALUES ('user_1', 'Mika');
  INSERT INTO projects (name, user_id) VALUES ('Old shop', 'user_1');
  INSERT INTO chat_messages (project_id, user_id, role, content, timestamp) VALUES
    (1, 'user_1', 'user', 'Make it blue', '2025-03-01 10:00:00'),
    (1, NULL, 'assistant', 'It is blue now', '2025-03-01 10:00:05');
`;

let kit: TestApp;

beforeAll(async () => {
  const database = await createEmptyDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(OLD);
  await client.end();
  kit = await startTestApp({}, database);
}, 60_000);

afterAll(() => kit?.close());

describe('a database that comes over from a single-chat Kosuke', () => {
  it('shows the old words in the default session, and talking goes on there', async () => {
    const { projects } = await kit.ask('{ projects { nodes { name sessions { nodes { id title isDefault } } } } }');
    expect(projects.nodes).toMatchObject([
      { name: 'Old shop', sessions: { nodes: [{ title: 'Main conversation', isDefault: true }] } },
    ]);
    const { id } = projects.nodes[0].sessions.nodes[0];
    const said = async () =>
      (await conversation(kit, id)).messages.nodes.map(({ number, role, parts }: SeenEvent) => [
        number,
        role,
        parts[0].text ?? parts[0].output,
      ]);
    expect(await said()).toEqual([
      [1, 'USER', 'Make it blue'],
      [2, 'ASSISTANT', 'It is blue now'],
    ]);
    await talk(kit, id, '!echo still here');
    expect((await said()).slice(2)).toEqual([
      [3, 'USER', '!echo still here'],
      [4, 'ASSISTANT', 'still here\n'],
    ]);
  }, 60_000);
});
